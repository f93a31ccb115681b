"""Public holidays by country and region. The library is large, so it is loaded when it is first asked."""

from __future__ import annotations

from datetime import date
from functools import lru_cache


@lru_cache(maxsize=512)
def public_holidays(country: str, region: str, year: int) -> dict[date, str]:
    """The days with their names; none where the country is not known. Of an unknown region, those of the country."""
    import holidays  # noqa: PLC0415 - a tenth of a second, which only who asks should pay

    if not country or country not in holidays.list_supported_countries():
        return {}
    subdivision = region if region in known_regions(country) else None
    return dict(holidays.country_holidays(country, subdiv=subdivision, years=year))


@lru_cache(maxsize=512)
def known_regions(country: str) -> tuple[str, ...]:
    """The regions that have holidays of their own, as ISO 3166-2 names them after the dash."""
    import holidays  # noqa: PLC0415 - as above

    return tuple(holidays.list_supported_countries().get(country, ()))
