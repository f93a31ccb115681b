"""The page that explains the ranking to those who call says what the code does."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings

from call_planning.models.suggestion import BUSY_FOR
from call_planning.ranking import REST_DAYS, TRIED_COUNTS_FOR, Code
from tests.cast import NOON, Cast, api, call_plan, contact, interaction, restaurant
from tests.docs.pages import page, plain

PAGE = page("docs/how-the-ranking-works.md")

pytestmark = pytest.mark.usefixtures("noon")


def test_it_lists_each_reason_with_its_points() -> None:
    listed = {plain(row["reason"]): int(row["points at most"]) for row in PAGE.table("reason")}
    assert listed == {**settings.NEXT_CALL_POINTS, "TRIED": -settings.NEXT_CALL_POINTS["TRIED"]}
    assert set(listed) == set(Code)


def test_it_names_the_figures_of_the_settings() -> None:
    words = {plain(row["reason"]): " ".join(row.values()) for row in PAGE.table("reason")}
    assert f"for {REST_DAYS} days" in words["ORDER_LATE"]
    assert f"within {TRIED_COUNTS_FOR} minutes" in words["TRIED"]
    assert f"{BUSY_FOR // timedelta(minutes=1)} minutes are enough" in PAGE.text
    assert f"more than {settings.SILENCE_DAYS} days" in words["SILENCE"]
    assert f"{settings.PERFORMING_REVENUE:,}" in words["HIGH_POTENTIAL"]
    assert f"A day holds {settings.CALLS_A_DAY} calls" in PAGE.text


def test_its_example_is_what_the_ranking_says(cast: Cast) -> None:
    row = restaurant(cast.asha, lead_status="CONVERTED", potential_revenue=Decimal(15_000))
    who = contact(row)
    for weeks in range(2, 9):
        interaction(who, interaction_type="ORDER", date=NOON - timedelta(weeks=weeks))
    plan = call_plan(row, frequency="WEEKLY", next_call_date=NOON - timedelta(days=2))
    caller = api(cast.asha)
    (shown,) = caller.get("/call/next/").json()
    parts = PAGE.table("part of the score")
    said = [(plain(line["part of the score"]), int(line["points"])) for line in parts]
    assert [(reason["code"], reason["points"]) for reason in shown["reasons"]] == said
    (score,) = re.findall(r"The score is (\d+)\.", PAGE.text)
    assert shown["score"] == int(score)
    assert caller.post(f"/call/{plan.pk}/record_call/", {}).status_code == 200
    assert caller.get("/call/next/").json() == []
