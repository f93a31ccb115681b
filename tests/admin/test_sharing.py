"""Collaborators and covers through the pages for staff: the same rules, shown beside their fields."""

from datetime import timedelta

import pytest

from leads.models import Collaboration, Cover
from tests.admin.browser import Browser, adding, changing, errors, listing, messages
from tests.cast import NOON, Cast, collaboration, cover, restaurant

pytestmark = pytest.mark.usefixtures("noon")

BEGINS = {"starts_at_0": "2025-01-06", "starts_at_1": "00:00:00"}
ENDS = {"ends_at_0": "2025-01-20", "ends_at_1": "00:00:00"}


def test_it_adds_a_collaborator(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    given = {"restaurant": row.pk, "kam": cast.bela.pk, "reason": "Knows the chef."}
    assert root.fill_in(adding(Collaboration), **given).status_code == 302
    shared = Collaboration.objects.get()
    assert (shared.restaurant, shared.kam, shared.added_by, shared.reason) == (
        row,
        cast.bela,
        cast.root,
        "Knows the chef.",
    )
    assert errors(root.fill_in(adding(Collaboration), **given)).keys() == {"__all__", "kam"}
    assert Collaboration.objects.count() == 1


def test_it_ends_collaborations(cast: Cast, root: Browser) -> None:
    rows = [collaboration(restaurant(cast.asha), cast.bela, by=cast.asha) for _ in range(2)]
    assert messages(root.act("archive", *rows)) == ["2 collaborations archived."]
    assert not Collaboration.objects.running().exists()
    assert list(root.get(listing(Collaboration)).context["cl"].result_list) == []


def test_it_arranges_a_cover(cast: Cast, root: Browser) -> None:
    people = {"absent": cast.asha.pk, "covering": cast.bela.pk}
    assert root.fill_in(adding(Cover), **people, **BEGINS, **ENDS).status_code == 302
    row = Cover.objects.get()
    assert (row.absent, row.covering, row.made_by, f"{row.starts_at:%Y-%m-%d}") == (
        cast.asha,
        cast.bela,
        cast.root,
        "2025-01-06",
    )
    assert "starts_at" in errors(root.fill_in(adding(Cover), **people, **BEGINS, **ENDS))
    # Without a start it begins now, beside the other.
    sooner = {"ends_at_0": "2025-01-02", "ends_at_1": "00:00:00"}
    assert root.fill_in(adding(Cover), **people, **sooner).status_code == 302
    assert Cover.objects.running(at=NOON).count() == 1


def test_it_changes_the_end_of_a_cover_and_nothing_of_one_that_is_over(cast: Cast, root: Browser) -> None:
    row = cover(cast.asha, cast.bela)
    assert root.fill_in(changing(row), **ENDS).status_code == 302
    row.refresh_from_db()
    assert f"{row.ends_at:%Y-%m-%d}" == "2025-01-20"
    over = cover(cast.bela, cast.asha, at=NOON - timedelta(days=30))
    assert "__all__" in errors(root.fill_in(changing(over), **ENDS))
    assert "Nothing was changed" in messages(root.act("archive", over))[0]


def test_it_ends_covers(cast: Cast, root: Browser) -> None:
    assert messages(root.act("archive", cover(cast.asha, cast.bela))) == ["1 cover archived."]
    assert not Cover.objects.running(at=NOON).exists()
