"""The base of what is neither a row nor a list: a body comes in, something is done."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from common.api.door import address_of
from common.api.views import BaseView
from kams.authentication import TokenAuthentication


class FormView(BaseView):
    """Takes a body of the shape of `serializer_class`. The answers are secrets, or about them: never stored."""

    replayable = False
    serializer_class: type[BaseSerializer[Any]]

    @property
    def whence(self) -> dict[str, Any]:
        """Where the request comes from, for a session that it opens."""
        user_agent = self.request.headers.get("User-Agent", "")
        return {"address": address_of(self.request._request), "user_agent": user_agent}

    def given(self) -> dict[str, Any]:
        """The checked body."""
        serializer = self.serializer_class(data=self.request.data, context={"request": self.request})
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values


class DoorView(FormView):
    """For people who are nobody yet: a token that comes along is not looked at."""

    authentication_classes = ()
    permission_classes = ()

    def get_authenticate_header(self, request: Request) -> str:
        return TokenAuthentication().authenticate_header(request)
