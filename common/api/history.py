"""What was written down of one row, newest first: the views that show it, and the shape of a change."""

from __future__ import annotations

from typing import Any, ClassVar

import orjson
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, re_path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.response import Response

from common.api.fields import Schema, Text
from common.api.schema import example
from common.api.serializers import RowSerializer
from common.api.views import Lists
from common.models import Change


class Changes(serializers.Field[Any, Any, Any, Any]):
    """By field its old value and its new one, as the row itself shows them; kept as JSON, and shown as it is."""

    from_row = staticmethod(lambda text: orjson.Fragment(text.encode()))

    def schema(self, *, sent: bool) -> Schema:
        values = {"type": "object", "properties": {"old": {}, "new": {}}, "required": ["old", "new"]}
        return {"type": "object", "additionalProperties": values}


class Address(Text):
    """Where a change came from; null where nobody may know, or nothing is known."""

    from_row = staticmethod(lambda text: text or None)


@example(
    adds={
        "id": 7,
        "at": "2024-12-28T10:00:00Z",
        "by": "asha",
        "from": "203.0.113.7",
        "action": "CHANGED",
        "changes": {"notes": {"old": "", "new": "Call after six."}},
    }
)
class RecordedChangeSerializer(RowSerializer):
    words: ClassVar = {
        "by": "A username; null where a job did it, or somebody who had not logged in.",
        "from": "The address that the request came from, for managers and admins; else null.",
        "action": "ARCHIVED is what DELETE does. REMOVED is gone into an archive file of old interactions.",
        "changes": (
            "By field, what it was and what it is since; null for both where that is secret or was erased. A new row "
            "tells of all that is not empty, an interaction of its order as well, as `order.quantity`."
        ),
    }
    by = serializers.CharField(source="by.username", read_only=True, allow_null=True)
    changes = Changes(read_only=True)

    class Meta:
        model = Change
        fields: ClassVar = ("id", "at", "by", "from", "action", "changes")
        read_only_fields = fields


# No name of Python's is called so.
RecordedChangeSerializer._declared_fields["from"] = Address(source="seen_from", read_only=True, allow_null=True)


class HistoryViewSet(Lists):
    """What was written down of one row, newest first."""

    # The set that the row belongs to: the class says it, or its route.
    among: Any = None

    def subjects(self) -> Any:
        """The rows whose history the caller may read."""
        return self.among.visible_to(self.person)

    def page(self) -> Response:
        """The rows; where there are none, what they are about may not be there either."""
        answer = super().page()
        if not answer.data:
            get_object_or_404(self.subjects().only("pk"), pk=self.kwargs["pk"])
        return answer


@extend_schema_view(list=extend_schema(summary="Show who changed what"))
class ChangesViewSet(HistoryViewSet):
    """Who changed what of one row, when, and from where; newest first.

    For whoever sees the row; what was deleted or archived shows its history to managers, analysts and admins. Where
    something was changed before this was kept, or in bulk by a load, nothing is known.
    """

    queryset = Change.objects.none()
    serializer_class = RecordedChangeSerializer
    ordering_fields = ("id",)
    ordering = "-id"

    def subjects(self) -> Any:
        return self.among.on_record_for(self.person)

    def get_queryset(self) -> Any:
        return Change.objects.visible_to(self.person, among=self.among, key=self.kwargs["pk"])


def history_at(prefix: str, among: Any, *, view: type[ChangesViewSet] = ChangesViewSet) -> URLPattern:
    """The route of the history of each row of this set, whose own routes begin with the prefix."""
    answers = view.as_view({"get": "list"}, detail=False, among=among)
    return re_path(rf"^{prefix}(?P<pk>[0-9]{{1,18}})/history/$", answers)
