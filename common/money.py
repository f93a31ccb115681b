"""Money: `Decimal` with two places, from the wire to the disk."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.validators import MinValueValidator
from django.db import models

ZERO = Decimal("0.00")


if TYPE_CHECKING:
    DecimalField = models.DecimalField[Any, Any]
else:  # which is no generic at run time
    DecimalField = models.DecimalField


class MoneyField(DecimalField):
    """An amount of at least zero with two places; `max_digits` counts both sides of the point."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 12, "decimal_places": 2, **kwargs})
        self.validators.append(MinValueValidator(ZERO))
