"""The page that explains compliance says what the code counts."""

from __future__ import annotations

from datetime import datetime

import pytest

from call_planning.choices import Figure
from interaction_tracking.choices import UNANSWERED
from tests.cast import NOON, Cast, api, planned, restaurant
from tests.docs.pages import page, plain

PAGE = page("docs/api/compliance.md")

pytestmark = pytest.mark.usefixtures("noon")


def test_it_explains_each_figure() -> None:
    rows = {plain(row["figure"]): row["counts"] for row in PAGE.table("figure")}
    assert list(rows) == list(Figure)
    assert [word for word in UNANSWERED if word not in rows["attempts"]] == []


def test_its_example_holds(cast: Cast) -> None:
    cast.asha.revise(by=cast.root, at=NOON, timezone="Asia/Kolkata")
    row = restaurant(cast.asha)
    expected = {}
    for told in PAGE.table("due"):
        due_at = datetime.fromisoformat(told["due"])
        made = datetime.fromisoformat(told["made"]) if told["made"] else None
        call = planned(row, due_at, told["status"], made, outcome=told["outcome"])
        expected[call.pk] = plain(told["counts in"])
    query = "from=2024-12-02&to=2024-12-02"
    (line,) = api(cast.asha).get(f"/call/compliance/?{query}").json()
    for figure in sorted(set(expected.values())):
        shown = api(cast.asha).get(f"/call/compliance/calls/?{query}&figure={figure}").json()
        assert {call["id"] for call in shown} == {key for key, value in expected.items() if value == figure}
        assert line[figure] == len(shown)
    assert f"had {['five', 'six', 'seven'][line['planned'] - 5]} calls planned" in PAGE.text
    assert f"`on_day_rate` is {line['on_day_rate']}" in PAGE.text
    (same,) = api(cast.asha).get(f"/performance/summary/?{query}").json()
    assert (same["due"], same["done"]) == (line["planned"], line["on_day"] + line["late"])
