"""A moment may be written with any offset that ISO 8601 knows, however few places on earth use it."""

from urllib.parse import quote

import pytest

from tests.cast import RESTAURANT, Cast, api, restaurant


@pytest.mark.parametrize("offset", ["Z", "+05:30", "-20:28", "+23:59"])
def test_it_filters_by_a_moment_with_any_offset(cast: Cast, offset: str) -> None:
    restaurant(cast.asha)

    answer = api(cast.asha).get(f"/lead/restaurants/?created_after={quote(f'2020-01-01T00:00:00{offset}')}")

    assert (answer.status_code, len(answer.json())) == (200, 1)


@pytest.mark.parametrize(("offset", "kept"), [("-20:28", "2024-12-29T06:28:00Z"), ("+23:59", "2024-12-27T10:01:00Z")])
def test_it_keeps_a_moment_with_any_offset_in_utc(cast: Cast, offset: str, kept: str) -> None:
    created = api(cast.asha).post("/lead/restaurants/", RESTAURANT).json()
    given = {"lead": created["id"], "frequency": "DAILY", "next_call_date": f"2024-12-28T10:00:00{offset}"}

    answer = api(cast.asha).post("/call/", given)

    assert (answer.status_code, answer.json()["next_call_date"]) == (201, kept)
    assert api(cast.asha).get(f"/call/{answer.json()['id']}/").json()["next_call_date"] == kept
