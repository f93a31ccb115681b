"""When a restaurant is open, and whose holidays it keeps."""

from __future__ import annotations

from typing import Any

from django.db import models

from common.errors import InvalidInput
from common.holidays import known_regions
from common.models import HoursField
from kams.models.user import validate_timezone


class Opening(models.Model):
    """The country, region and zone of a restaurant, and the hours of its week."""

    country = models.CharField(max_length=2, blank=True, default="", help_text="ISO 3166 alpha-2, such as IN.")
    timezone = models.CharField(max_length=64, blank=True, default="", validators=[validate_timezone])
    region = models.CharField(
        max_length=10,
        blank=True,
        default="",
        help_text="ISO 3166-2 after the dash, such as MH: whose holidays it keeps.",
    )
    opening_hours = HoursField(help_text='Local times, such as {"mon": [["11:00", "23:00"]]}; {} is unknown.')

    class Meta:
        abstract = True

    def check_region(self, changes: dict[str, Any]) -> None:
        """A region is one of the country's that have holidays of their own."""
        country, region = changes.get("country", self.country), changes.get("region", self.region)
        if region and region not in (known := known_regions(country)):
            remedy = (
                f"Use one of {', '.join(known)}." if known else "Leave it empty: no regions of this country are known."
            )
            raise InvalidInput(f"{country or 'No country'} has no region {region}.", errors={"region": remedy})
