from __future__ import annotations

from typing import Any

from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request


class MayEdit(IsAuthenticated):
    """Everybody who is logged in reads; who only reads creates nothing.

    Changes of a row are decided with the row at hand, so that what is not seen stays 404.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        on_a_row = "pk" in view.kwargs
        return request.method in SAFE_METHODS or on_a_row or self.may_create(request.user)

    def may_create(self, person: Any) -> bool:
        return bool(person.may_edit)


class MayManage(MayEdit):
    """The same for what only managers and admins make: people, teams, invitations."""

    def may_create(self, person: Any) -> bool:
        return bool(person.may_allocate)
