"""A filter's answer is what Python would pick from all the rows, whatever filters and orders are combined."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from urllib.parse import urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import Cast, api, restaurant
from tests.paging import ids, pages

CITIES, CUISINES, STATUSES = ["Pune", "Dubai"], ["Thai", None], ["NEW", "LOST", "CONVERTED"]
REVENUES = ["0.00", "99.99", "100.00", None]
DAYS = [datetime(2024, 5, 1, tzinfo=UTC) + timedelta(days=number) for number in range(5)]

LETTERS = "bfkqvyz"  # none of them in what all the rows share

Row = dict[str, Any]
KEEPS: dict[str, Callable[[Row, str], bool]] = {
    "city": lambda row, value: row["city"] == value,
    "cuisine_type": lambda row, value: row["cuisine_type"] == value,
    "status": lambda row, value: row["lead_status"] in value.split(","),
    "lead_status": lambda row, value: row["lead_status"] in value.split(","),
    "assigned_to": lambda row, value: str(row["assigned_to"]) == value.replace("none", "None"),
    "min_revenue": lambda row, value: row["potential_revenue"] is not None and row["potential_revenue"] >= float(value),
    "max_revenue": lambda row, value: row["potential_revenue"] is not None and row["potential_revenue"] <= float(value),
    "created_after": lambda row, value: row["created_at"] >= value,
    "created_before": lambda row, value: row["created_at"] < value,
    "search": lambda row, value: all(word in f"{row['name']} {row['city']}".lower() for word in value.lower().split()),
}
SORT_KEYS: dict[str, Callable[[Row], Any]] = {
    "id": lambda row: row["id"],
    "name": lambda row: row["name"],
    "potential_revenue": lambda row: row["potential_revenue"],
    "created_at": lambda row: row["created_at"],
}

amounts = st.sampled_from(["0", "99.99", "100", "100.01"])
moments = st.sampled_from([f"{day:%Y-%m-%dT%H:%M:%SZ}" for day in DAYS])
statuses = st.lists(st.sampled_from(STATUSES), min_size=1, unique=True).map(",".join)


def queries(people: list[int]) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "city": st.sampled_from(CITIES),
            "cuisine_type": st.just("Thai"),
            "status": statuses,
            "lead_status": statuses,
            "assigned_to": st.sampled_from([*map(str, people), "none"]),
            "min_revenue": amounts,
            "max_revenue": amounts,
            "created_after": moments,
            "created_before": moments,
            "search": st.sampled_from(["pune", "Row q", "dubai v", "nowhere"]),
        },
    )


def picked(rows: list[Row], query: dict[str, str]) -> list[Row]:
    return [row for row in rows if all(KEEPS[name](row, value) for name, value in query.items())]


def ordered(rows: list[Row], ordering: str) -> list[Row]:
    """By the field, ties by id the same way; rows without a value come last, whichever way."""
    name, down = ordering.removeprefix("-"), ordering.startswith("-")
    valued = [row for row in rows if row[name] is not None]
    valued.sort(key=lambda row: (SORT_KEYS[name](row), row["id"]), reverse=down)
    return valued + sorted((row for row in rows if row[name] is None), key=lambda row: row["id"], reverse=down)


def test_it_picks_what_python_would_pick(cast: Cast) -> None:
    owners = [cast.asha, cast.bela, None]
    for number, (city, cuisine, revenue, status) in enumerate(product(CITIES, CUISINES, REVENUES, STATUSES)):
        restaurant(
            owners[number % 3],
            by=cast.root,
            name=f"Row {LETTERS[number % 7]}",
            city=city,
            cuisine_type=cuisine,
            potential_revenue=revenue,
            lead_status=status,
            at=DAYS[number % 5],
        )
    caller = api(cast.root)
    everything = caller.get("/lead/restaurants/").json()
    assert len(everything) == 48

    @settings(suppress_health_check=list(HealthCheck))
    @given(
        query=queries([cast.asha.pk, cast.bela.pk]),
        ordering=st.sampled_from([sign + name for name in SORT_KEYS for sign in ("", "-")]),
        size=st.sampled_from([3, 500]),
    )
    def law(query: dict[str, str], ordering: str, size: int) -> None:
        asked = urlencode({**query, "ordering": ordering, "page_size": size})
        found = [row for page in pages(caller, f"/lead/restaurants/?{asked}") for row in page]
        assert ids(found) == ids(ordered(picked(everything, query), ordering))

    law()
