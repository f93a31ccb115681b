"""Public holidays by country and region. The library is large, so it is loaded when it is first asked."""

from __future__ import annotations

import sys
from datetime import date
from functools import cache, lru_cache
from importlib.util import find_spec, module_from_spec
from types import ModuleType


@lru_cache(maxsize=512)
def public_holidays(country: str, region: str, year: int) -> dict[date, str]:
    """The days with their names; none where the country is not known. Of an unknown region, those of the country."""
    if country not in known_countries():
        return {}
    subdivision = region if region in known_regions(country) else None
    return dict(_library().country_holidays(country, subdiv=subdivision, years=year))


@lru_cache(maxsize=512)
def known_regions(country: str) -> tuple[str, ...]:
    """The regions that have holidays of their own, as ISO 3166-2 names them after the dash."""
    return tuple(getattr(_library(), country).subdivisions) if country in known_countries() else ()


@cache
def known_countries() -> frozenset[str]:
    """The codes of ISO 3166, of two letters or three, and a few others that are in use, such as UK."""
    return frozenset(_library().registry.EntityLoader.get_country_codes())


@cache
def _library() -> ModuleType:
    """The library, without its countries: its registry loads each from a file of its own when it is asked for one.

    Their package would import all 250 of them, 7 MB in each process, so an empty one stands in its place.
    """
    import holidays  # noqa: PLC0415 - a tenth of a second, which only who asks should pay

    if countries := find_spec("holidays.countries"):
        sys.modules.setdefault(countries.name, module_from_spec(countries))
    return holidays
