"""The column of hours of a week."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from common.hours import week


def validate_hours(hours: Any) -> None:
    """Refuse what is no week of hours."""
    try:
        week(hours)
    except ValueError as wrong:
        raise ValidationError(str(wrong), code="wrong_hours") from None


class HoursField(models.JSONField):
    """Hours by the wall clock, see `common.hours`; without any, nobody has said."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", dict)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("validators", [validate_hours])
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """For migrations, the plain column: what it may hold is no matter of the database."""
        name, _, args, kwargs = super().deconstruct()
        kwargs.pop("validators", None)
        return name, "django.db.models.JSONField", list(args), kwargs
