"""`/lead/covers/`: who works on somebody's restaurants while they are away."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from common.errors import AlreadyExists
from kams.models import User
from leads.models import Cover
from notifications.models import Message
from tests.cast import NOON, Cast, api, cover, person, restaurant

pytestmark = pytest.mark.usefixtures("noon")

DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)


def arrange(absent: User, covering: User, *, by: User, **more: Any) -> Any:
    body = {"absent": absent.pk, "covering": covering.pk, "ends_at": NOON + 7 * DAY, **more}
    said = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in body.items()}
    return api(by).post("/lead/covers/", said)


def refused(answer: Any) -> tuple[int, list[str]]:
    return answer.status_code, list(answer.json()["errors"])


# --- the rights, by the moment --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("moment", "sees"),
    [
        (NOON + DAY - INSTANT, False),
        (NOON + DAY, True),
        (NOON + 2 * DAY, True),
        (NOON + 3 * DAY - INSTANT, True),
        (NOON + 3 * DAY, False),
    ],
)
def test_it_lets_the_covering_kam_see_and_work_from_its_start_until_its_end(
    cast: Cast, moment: datetime, *, sees: bool
) -> None:
    row = restaurant(cast.carl)
    cover(cast.carl, cast.asha, by=cast.root, starts_at=NOON + DAY, ends_at=NOON + 3 * DAY)
    own = restaurant(cast.asha)
    with time_machine.travel(moment, tick=False):
        asha = api(cast.asha)
        assert asha.get(f"/lead/restaurants/{row.pk}/").status_code == (200 if sees else 404)
        listed = [one["id"] for one in asha.get("/lead/restaurants/").json()]
        assert listed == ([row.pk, own.pk] if sees else [own.pk])
        changed = asha.patch(f"/lead/restaurants/{row.pk}/", {"notes": "Called."})
        assert changed.status_code == (200 if sees else 404)
        plan = asha.post("/call/", {"lead": row.pk, "frequency": "DAILY"})
        assert plan.status_code == (201 if sees else 400)


def test_it_takes_in_what_is_allocated_meanwhile(cast: Cast) -> None:
    cover(cast.carl, cast.asha, by=cast.root)
    row = restaurant(cast.carl)
    assert api(cast.asha).get(f"/lead/restaurants/{row.pk}/").status_code == 200
    row.allocate(to=cast.bela, by=cast.root, at=NOON)
    assert api(cast.asha).get(f"/lead/restaurants/{row.pk}/").status_code == 404


def test_it_does_not_chain(cast: Cast) -> None:
    of_asha, of_bela = restaurant(cast.asha), restaurant(cast.bela)
    cover(cast.asha, cast.bela)
    cover(cast.bela, cast.carl, by=cast.root)
    assert [one["id"] for one in api(cast.bela).get("/lead/restaurants/").json()] == [of_asha.pk, of_bela.pk]
    assert [one["id"] for one in api(cast.carl).get("/lead/restaurants/").json()] == [of_bela.pk]
    assert api(cast.carl).get(f"/lead/restaurants/{of_asha.pk}/").status_code == 404


def test_it_goes_one_way(cast: Cast) -> None:
    row = restaurant(cast.bela)
    cover(cast.asha, cast.bela)
    assert api(cast.asha).get(f"/lead/restaurants/{row.pk}/").status_code == 404


def test_it_lets_who_covers_neither_hand_on_nor_share(cast: Cast) -> None:
    row = restaurant(cast.asha)
    cover(cast.asha, cast.bela)
    for to in (cast.bela.pk, None):
        answer = api(cast.bela).patch(f"/lead/restaurants/{row.pk}/", {"assigned_to": to})
        assert refused(answer) == (403, ["assigned_to"])
    shared = api(cast.bela).post("/lead/collaborators/", {"restaurant": row.pk, "kam": person(team=cast.south).pk})
    assert shared.status_code == 403


# --- who arranges it ------------------------------------------------------------------------------------
@pytest.mark.parametrize("maker", ["asha", "maya", "root"])
def test_it_is_arranged_by_oneself_a_manager_or_an_admin(cast: Cast, maker: str) -> None:
    cast.maya  # noqa: B018 - who manages the south from now on
    by = getattr(cast, maker)
    answer = arrange(cast.asha, cast.bela, by=by, reason="On leave.")
    body = answer.json()
    assert (answer.status_code, body["starts_at"], body["ends_at"]) == (
        201,
        "2024-12-28T12:00:00Z",
        "2025-01-04T12:00:00Z",
    )
    kept = Cover.objects.get()
    assert (kept.absent, kept.covering, kept.made_by, kept.reason) == (cast.asha, cast.bela, by, "On leave.")


def test_it_is_refused_to_a_colleague_and_to_a_stranger(cast: Cast) -> None:
    assert refused(arrange(cast.asha, cast.bela, by=cast.bela)) == (403, ["absent"])
    assert refused(arrange(cast.asha, cast.carl, by=cast.carl)) == (400, ["absent"])
    assert not Cover.objects.exists()


def test_it_is_changed_and_ended_by_who_may_arrange_it(cast: Cast) -> None:
    path = f"/lead/covers/{cover(cast.asha, cast.bela).pk}/"
    later = {"ends_at": "2025-02-01T00:00:00Z"}
    assert (api(cast.bela).patch(path, later).status_code, api(cast.bela).delete(path).status_code) == (403, 403)
    assert api(cast.asha).patch(path, later).json()["ends_at"] == "2025-02-01T00:00:00Z"
    assert api(cast.asha).delete(path).status_code == 204
    assert api(cast.asha).get(path).status_code == 404
    assert Cover.objects.get().archived_at == NOON


def test_it_ends_early_at_once(cast: Cast) -> None:
    row = restaurant(cast.asha)
    path = f"/lead/covers/{cover(cast.asha, cast.bela).pk}/"
    assert api(cast.bela).get(f"/lead/restaurants/{row.pk}/").status_code == 200
    api(cast.asha).delete(path)
    assert api(cast.bela).get(f"/lead/restaurants/{row.pk}/").status_code == 404
    assert api(cast.bela).get("/lead/restaurants/").json() == []


# --- what is refused ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"ends_at": NOON}, "ends_at"),
        ({"ends_at": NOON - DAY}, "ends_at"),
        ({"starts_at": NOON + DAY, "ends_at": NOON + DAY}, "ends_at"),
        ({"starts_at": NOON - timedelta(minutes=5, microseconds=1)}, "starts_at"),
    ],
)
def test_it_refuses_a_time_that_is_past_or_turned_round(cast: Cast, said: dict[str, datetime], field: str) -> None:
    assert refused(arrange(cast.asha, cast.bela, by=cast.asha, **said)) == (400, [field])
    assert not Cover.objects.exists()
    assert not Message.objects.exists()


def test_it_allows_for_clocks_that_differ_a_little(cast: Cast) -> None:
    assert arrange(cast.asha, cast.bela, by=cast.asha, starts_at=NOON - timedelta(minutes=5)).status_code == 201


def test_it_refuses_who_cannot_be_covered_or_cover(cast: Cast) -> None:
    gone = person(team=cast.south, is_active=False)
    for absent, covering, field in [
        (cast.asha, cast.asha, "covering"),
        (cast.asha, gone, "covering"),
        (cast.asha, cast.nora, "covering"),
        (gone, cast.asha, "absent"),
        (cast.nora, cast.asha, "absent"),
    ]:
        assert refused(arrange(absent, covering, by=cast.root)) == (400, [field])
    assert not Cover.objects.exists()


def test_it_refuses_a_second_cover_in_the_same_time(cast: Cast) -> None:
    first = cover(cast.asha, cast.bela, starts_at=NOON + DAY, ends_at=NOON + 3 * DAY)
    answer = arrange(cast.asha, cast.carl, by=cast.root, starts_at=NOON + 2 * DAY, ends_at=NOON + 4 * DAY)
    assert refused(answer) == (409, ["starts_at"])
    assert f"cover {first.pk}" in answer.json()["detail"]
    # One that ends where the other begins is beside it.
    assert arrange(cast.asha, cast.carl, by=cast.root, ends_at=NOON + DAY).status_code == 201
    assert arrange(cast.asha, cast.carl, by=cast.root, starts_at=NOON + 3 * DAY).status_code == 201
    longer = {"ends_at": (NOON + 3 * DAY + INSTANT).isoformat()}
    assert refused(api(cast.asha).patch(f"/lead/covers/{first.pk}/", longer)) == (409, ["starts_at"])


@pytest.mark.django_db
@given(
    first=st.tuples(st.integers(0, 20), st.integers(1, 20)), second=st.tuples(st.integers(0, 20), st.integers(1, 20))
)
def test_it_covers_nobody_twice_in_one_moment(first: tuple[int, int], second: tuple[int, int]) -> None:
    """Two spells, each by its first day and its length, are refused just where they share a day."""
    absent, covering = person(), person()
    days = [set(range(start, start + length)) for start, length in (first, second)]

    def arranged(spell: tuple[int, int]) -> Cover:
        start = NOON + spell[0] * DAY
        return cover(absent, covering, starts_at=start, ends_at=start + spell[1] * DAY)

    arranged(first)
    if days[0] & days[1]:
        with pytest.raises(AlreadyExists):
            arranged(second)
    else:
        arranged(second)


def test_it_stays_with_its_two_people(cast: Cast) -> None:
    path = f"/lead/covers/{cover(cast.asha, cast.bela).pk}/"
    for name in ("absent", "covering"):
        assert refused(api(cast.root).patch(path, {name: cast.carl.pk})) == (400, [name])
    said = api(cast.asha).get(path).json()
    again = api(cast.asha).put(path, said)
    assert (again.status_code, again.json()["version"]) == (200, 1)


def test_it_keeps_the_start_once_it_has_begun(cast: Cast) -> None:
    path = f"/lead/covers/{cover(cast.asha, cast.bela, starts_at=NOON + DAY).pk}/"
    later = {"starts_at": (NOON + 2 * DAY).isoformat()}
    assert api(cast.asha).patch(path, later).status_code == 200
    with time_machine.travel(NOON + 2 * DAY, tick=False):
        answer = api(cast.asha).patch(path, {"starts_at": (NOON + 3 * DAY).isoformat()})
        assert refused(answer) == (400, ["starts_at"])


def test_it_leaves_what_is_over_as_it_was(cast: Cast) -> None:
    path = f"/lead/covers/{cover(cast.asha, cast.bela, ends_at=NOON + DAY).pk}/"
    with time_machine.travel(NOON + DAY, tick=False):
        answers = [api(cast.asha).patch(path, {"reason": "Was ill."}), api(cast.asha).delete(path)]
        assert [(one.status_code, one.json()["code"]) for one in answers] == [(409, "cover_over")] * 2
        assert api(cast.asha).get(path).status_code == 200
