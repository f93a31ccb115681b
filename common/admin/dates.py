"""The list of an admin page, by year, month and day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db import DataError
from django.db.models import Max, Min
from django.http import HttpRequest
from django.utils import formats, timezone

PARTS = ("year", "month", "day")
TITLES = ("", "Y", "YEAR_MONTH_FORMAT", "MONTH_DAY_FORMAT")


class DatedList(ChangeList):
    """Asks the database for the first and the last date only, and counts the periods between them in Python.

    Django truncates every date in SQL instead. That reads the whole table, and it fails on a MariaDB without
    time-zone tables. A period between the two may therefore turn out to be empty.
    """

    def get_filters(self, request: HttpRequest) -> Any:
        try:
            return super().get_filters(request)
        except (OverflowError, ValueError) as beyond:  # a year 9999, which has no next one
            raise IncorrectLookupParameters(beyond) from beyond

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except (DataError, OverflowError, ValueError) as unfit:  # what no column can hold: NUL, a huge number
            raise IncorrectLookupParameters(unfit) from unfit

    @property
    def dates(self) -> dict[str, Any]:
        """The way back and the ways on, as `admin/date_hierarchy.html` takes them."""
        chosen = self._chosen()
        back = {"link": self._link(chosen[:-1]), "title": _title(chosen[:-1])} if chosen else None
        if len(chosen) == len(PARTS):
            return {"back": back, "choices": [{"title": _title(chosen)}]}
        name = self.date_hierarchy
        ends = self.queryset.order_by().aggregate(first=Min(name), last=Max(name))
        if ends["first"] is None:
            return {"back": back, "choices": []}
        first, last = (getattr(timezone.localtime(ends[end]), PARTS[len(chosen)]) for end in ("first", "last"))
        ways = [[*chosen, number] for number in range(first, last + 1)]
        return {"back": back, "choices": [{"link": self._link(way), "title": _title(way)} for way in ways]}

    def _chosen(self) -> list[int]:
        """Year, month and day as far as the address names them; they have been checked by then."""
        chosen = []
        for part in PARTS:
            value = self.params.get(f"{self.date_hierarchy}__{part}")
            if value is None:
                break
            chosen.append(int(value))
        return chosen

    def _link(self, way: Sequence[int]) -> str:
        given = {f"{self.date_hierarchy}__{part}": value for part, value in zip(PARTS, way, strict=False)}
        return self.get_query_string(given, [f"{self.date_hierarchy}__"])


def _title(way: Sequence[int]) -> str:
    if not way:
        return "All dates"
    year, month, day = (*way, 1, 1)[: len(PARTS)]
    return formats.date_format(date(year, month, day), TITLES[len(way)])
