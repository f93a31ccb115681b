"""Holidays are those of the library, of every country and region, though each country is loaded by itself."""

from __future__ import annotations

import json
import subprocess
import sys

from common.holidays import known_countries, known_regions, public_holidays

YEAR = 2025
# As the library says it by itself, in a process of its own.
SAID = f"""
import holidays, json
said = {{}}
for country, regions in holidays.list_supported_countries().items():
    days = holidays.country_holidays(country, years={YEAR})
    of_last = holidays.country_holidays(country, subdiv=regions[-1], years={YEAR}) if regions else days
    said[country] = [regions, *({{str(day): name for day, name in some.items()}} for some in (days, of_last))]
print(json.dumps(said))
"""
# How many countries are loaded when one is asked for; some stand on another.
LOADED = f"""
import sys
from common.holidays import public_holidays
assert public_holidays("IN", "MH", {YEAR})
print(sum(name.startswith("holidays.countries.") for name in sys.modules))
"""


def printed(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def days(country: str, region: str) -> dict[str, str]:
    return {str(day): name for day, name in public_holidays(country, region, YEAR).items()}


def test_they_are_what_the_library_says_of_every_country() -> None:
    said = json.loads(printed(SAID))
    assert known_countries() == said.keys()
    for country, (regions, everywhere, of_last) in said.items():
        assert list(known_regions(country)) == regions, country
        assert days(country, "") == everywhere, country
        assert days(country, regions[-1] if regions else "") == of_last, country


def test_it_loads_no_country_that_nobody_asked_for() -> None:
    assert 1 <= int(printed(LOADED)) <= 3


def test_a_country_that_nobody_knows_has_none() -> None:
    for country in ("", "XX", "in", "list_supported_countries"):
        assert (days(country, ""), known_regions(country)) == ({}, ())


def test_an_unknown_region_has_those_of_the_country() -> None:
    assert days("IN", "nowhere") == days("IN", "")
    assert days("IN", "MH") != days("IN", "")
