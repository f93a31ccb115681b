"""What is kept about a person: shown, and erased for good."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.rows import reader_for
from common.api.views import BaseView, Lists, RowsView, Shows
from common.traces import Subject, told
from kams.models import Erasure, User
from kams.serializers import EraseSerializer, ErasureSerializer, PersonalDataSerializer


def shown(subject: Subject, *, at: datetime) -> Response:
    return Response({"kind": subject.kind, "id": subject.pk, "made_at": at, "held": told(subject)})


class Personal(RowsView):
    """Rows that are people: an admin sees what is kept about one, and takes it away."""

    def get_people(self) -> Any:
        """Those the caller sees, and for an admin those that were put away."""
        return self.get_queryset()

    @extend_schema(responses=PersonalDataSerializer, summary="Export what is kept about a person")
    @action(detail=True, methods=["get"])
    def personal_data(self, request: Request, pk: str) -> Response:
        """All of it, by what holds it: for the person who asks what is known of them. For admins."""
        person = get_object_or_404(self.get_people(), pk=pk)
        if not self.person.is_admin:
            raise PermissionDenied
        return shown(person.subject, at=self.now)

    @extend_schema(request=EraseSerializer, responses=ErasureSerializer, summary="Erase a person's data for good")
    @action(detail=True, methods=["post"])
    def erase(self, request: Request, pk: str) -> Response:
        """Take away what names them, here at once and everywhere else by a job. For admins. Nothing brings it back.

        Orders, dates and figures stay. Histories, messages, kept answers and archive files lose what names the person;
        `GET /kam/erasures/{id}/` says when the last trace is gone.
        """
        person, given = self.locked(self.get_people()), self.given(shape=EraseSerializer)
        erasure = person.erase(by=self.person, at=self.now, reason=given["reason"])
        return Response(reader_for(ErasureSerializer).one(Erasure.objects.of(erasure.pk)))


class MyDataView(BaseView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(summary="Export what is kept about me", responses={200: PersonalDataSerializer})
    def get(self, request: Request) -> Response:
        """All of it, by what holds it."""
        whole = User.objects.visible_to(self.person).get(pk=self.person.pk)
        return shown(whole.subject, at=self.now)


class ErasureViewSet(Lists, Shows):
    """Whose data were erased, by key, and whether the last trace is gone. For admins."""

    queryset = Erasure.objects.none()
    serializer_class = ErasureSerializer
    ordering_fields = ("id",)
    ordering = "-id"

    def get_queryset(self) -> Any:
        return Erasure.objects.visible_to(self.person)
