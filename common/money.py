"""Money: `Decimal` with two places, from the wire to the disk."""

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models

ZERO = Decimal("0.00")


class MoneyField(models.DecimalField):
    """An amount of at least zero with two places; `max_digits` counts both sides of the point."""

    def __init__(self, *args: Any, max_digits: int = 12, **kwargs: Any) -> None:
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, max_digits=max_digits, **kwargs)
        self.validators.append(MinValueValidator(ZERO))
