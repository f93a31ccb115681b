"""Hours of the week, where they are sent, and in the file that says which count where nobody has said others."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from call_planning.defaults import defaults
from tests.architecture import ROOT
from tests.cast import RESTAURANT, Cast, api, call_plan, contact, restaurant
from tests.ledger import marks

pytestmark = pytest.mark.usefixtures("noon")

MONDAY = datetime(2024, 12, 30, tzinfo=UTC)
DAILY = '["09:00", "10:00"]'
WRONG: list[tuple[Any, str]] = [
    (None, ""),
    ("mon", "Hours are days with spans"),
    ([], "Hours are days with spans"),
    (9, "Hours are days with spans"),
    (True, "Hours are days with spans"),
    ({"monday": []}, "'monday' is no day"),
    ({"Mon": []}, "'Mon' is no day"),
    ({"": []}, "'' is no day"),
    ({"mon": None}, "mon: send a list"),
    ({"mon": "09:00-17:00"}, "mon: send a list"),
    ({"mon": {"09:00": "17:00"}}, "mon: send a list"),
    ({"mon": [["09:00", "17:00"]] * 7}, "mon: send a list of 6 spans at most"),
    ({"mon": ["09:00", "17:00"]}, "mon: a span is two times"),
    ({"mon": [["09:00"]]}, "mon: a span is two times"),
    ({"mon": [["09:00", "12:00", "17:00"]]}, "mon: a span is two times"),
    ({"mon": [["9:00", "17:00"]]}, "mon: a span is two times"),
    ({"mon": [["09:00", "24:00"]]}, "mon: a span is two times"),
    ({"mon": [["09:60", "17:00"]]}, "mon: a span is two times"),
    ({"mon": [["09:00:00", "17:00"]]}, "mon: a span is two times"),
    ({"mon": [["09:00", "17:00\n"]]}, "mon: a span is two times"),
    ({"mon": [["\uff10\uff19:00", "17:00"]]}, "mon: a span is two times"),
    ({"mon": [[9, 17]]}, "mon: a span is two times"),
    ({"mon": [[None, None]]}, "mon: a span is two times"),
    ({"tue": [], "wed": [["09:00", "17:00"], [[], []]]}, "wed: a span is two times"),
]


# --- what is sent -------------------------------------------------------------------------------
@pytest.mark.parametrize("field", ["opening_hours", "call_window", "working_hours"])
def test_it_refuses_hours_that_are_none_by_field_and_day(cast: Cast, field: str) -> None:
    lead = restaurant(cast.asha)
    path = {
        "opening_hours": f"/lead/restaurants/{lead.pk}/",
        "call_window": f"/contact/contacts/{contact(lead).pk}/",
        "working_hours": "/kam/me/",
    }[field]
    caller, before = api(cast.asha), marks()
    for hours, words in WRONG:
        answer = caller.patch(path, {field: hours})
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json"), hours
        (message,) = answer.json()["errors"][field]
        assert list(answer.json()["errors"]) == [field]
        assert words in message, (hours, message)
    assert marks() == before
    shown = caller.patch(path, {field: {"sun": [], "mon": [["18:00", "02:00"], ["09:00", "12:00"]]}})
    assert shown.status_code == 200, shown.content
    assert shown.json()[field] == {"mon": [["18:00", "02:00"], ["09:00", "12:00"]], "sun": []}
    assert caller.patch(path, {field: {}}).json()[field] == {}


def test_it_refuses_them_in_a_new_row_too(cast: Cast) -> None:
    caller, before = api(cast.asha), marks()
    answer = caller.post("/lead/restaurants/", {**RESTAURANT, "opening_hours": {"mon": [["25:00", "26:00"]]}})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["opening_hours"])
    assert marks() == before


# --- the file -----------------------------------------------------------------------------------
def written(folder: Path, text: str) -> str:
    file = folder / "hours.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def all_of(**tables: str) -> str:
    """A whole file, with other tables where they are given."""
    whole = {"open": f"daily = [{DAILY}]", "working": f"daily = [{DAILY}]", "rush": "daily = []", **tables}
    return "\n".join(f"[{name}]\n{lines}" for name, lines in whole.items())


def suggested(cast: Cast, **fields: Any) -> str:
    lead = restaurant(cast.asha, **{"country": "", "timezone": "UTC", **fields})
    plan = call_plan(lead, next_call_date=MONDAY)
    return str(api(cast.asha).get(f"/call/{plan.pk}/").json()["suggested_call_at"])


def test_it_goes_by_a_file_of_ones_own(cast: Cast, settings: Any, tmp_path: Path) -> None:
    assert suggested(cast) == "2024-12-30T09:00:00Z"
    hours = {
        "open": 'daily = [["00:00", "00:00"]]\nmon = [["13:00", "15:00"]]',
        "working": 'mon = [["10:00", "18:00"]]\ntue = [["06:00", "08:00"]]',
        "rush": 'daily = [["13:00", "13:30"]]',
        "rush_of.Tapas": 'mon = [["13:00", "14:45"]]',
    }
    settings.CALL_HOURS_FILE = written(tmp_path, all_of(**hours))
    assert suggested(cast) == "2024-12-30T13:30:00Z"
    assert suggested(cast, restaurant_type="tapas") == "2024-12-30T14:45:00Z"
    assert suggested(cast, opening_hours={"tue": [["07:00", "09:00"]]}) == "2024-12-31T07:00:00Z"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[open", "Expected ']'"),
        ("", "lacks the table 'open'"),
        (f"[open]\ndaily = [{DAILY}]", "lacks the table 'working'"),
        (all_of(open="daily = 5"), "mon: send a list"),
        (all_of(open="monday = []"), "'monday' is no day"),
        (all_of(working='mon = [["9", "17"]]'), "mon: a span is two times"),
        (all_of(**{"rush_of.cafe": "daily = [5]"}), "mon: a span is two times"),
        (all_of(**{"rush_off.cafe": f"daily = [{DAILY}]"}), "rush_off is none of the tables open, working, rush"),
        ("open = 5\nworking = 5\nrush = 5", "Hours are days with spans"),
        ("rush_of = 5\n" + all_of(), "rush_of has a table for each type"),
    ],
)
def test_it_says_what_is_wrong_with_a_file(settings: Any, tmp_path: Path, text: str, words: str) -> None:
    settings.CALL_HOURS_FILE = file = written(tmp_path, text)
    with pytest.raises(ImproperlyConfigured) as refused:
        defaults()
    assert str(refused.value).startswith(f"CALL_HOURS_FILE {file}")
    assert words in str(refused.value)


def test_it_does_not_start_without_the_file_or_with_letters_of_no_text(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"# caf\xe9")
    for file in (tmp_path / "latin", tmp_path / "nowhere", tmp_path):
        settings.CALL_HOURS_FILE = str(file)
        with pytest.raises(ImproperlyConfigured, match=f"CALL_HOURS_FILE {file}: "):
            defaults()
    tried = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "CALL_HOURS_FILE": str(tmp_path / "nowhere")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode == 1
    assert f"ImproperlyConfigured: CALL_HOURS_FILE {tmp_path / 'nowhere'}: " in tried.stderr
