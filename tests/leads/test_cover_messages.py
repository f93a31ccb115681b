"""What both people of a cover are told, and when."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from kams.events import person_left
from leads.models import Cover
from leads.tasks import tell_of_covers
from notifications.models import Message
from notifications.words import words_of
from tests.cast import NOON, Cast, api, cover, person

pytestmark = pytest.mark.usefixtures("noon")

DAY = timedelta(days=1)


def told(name: str = "asha") -> list[str]:
    """The kinds of the mails that this person got, in order."""
    mails = Message.objects.filter(user__username=name, channel="EMAIL").order_by("id")
    return list(mails.values_list("kind", flat=True))


def run(*moments: datetime) -> list[int]:
    return [tell_of_covers(moment) for moment in moments]


def test_it_tells_both_of_its_making_change_beginning_and_end(cast: Cast) -> None:
    row = cover(cast.asha, cast.bela, starts_at=NOON + DAY, ends_at=NOON + 3 * DAY, reason="On leave.")
    api(cast.asha).patch(f"/lead/covers/{row.pk}/", {"ends_at": (NOON + 2 * DAY).isoformat()})
    assert run(NOON, NOON + DAY, NOON + 2 * DAY) == [0, 1, 1]
    kinds = ["cover_made", "cover_changed", "cover_begun", "cover_ended"]
    assert (told("asha"), told("bela")) == (kinds, kinds)
    made = Message.objects.filter(kind="cover_made").first()
    assert made
    assert made.facts == {
        "absent": "asha",
        "covering": "bela",
        "starts_at": "2024-12-29T12:00:00+00:00",
        "ends_at": "2024-12-31T12:00:00+00:00",
        "ended_early": False,
        "by": "asha",
        "reason": "On leave.",
    }


@pytest.mark.parametrize(
    ("kind", "title", "line"),
    [
        (
            "cover_made",
            "bela covers for asha",
            "From 29 December 2024, 17:30 IST until 31 December 2024, 17:30 IST, bela",
        ),
        ("cover_changed", "The cover for asha has changed", "asha changed it: bela covers for asha from 29 December"),
        ("cover_begun", "bela covers for asha from now on", "Until 31 December 2024, 17:30 IST, bela sees"),
        ("cover_ended", "The cover for asha is over", "bela no longer sees the restaurants of asha."),
    ],
)
def test_it_puts_it_into_words(cast: Cast, kind: str, title: str, line: str) -> None:
    cast.asha.revise(by=cast.asha, at=NOON, timezone="Asia/Kolkata")
    row = cover(cast.asha, cast.bela, starts_at=NOON + DAY, ends_at=NOON + 3 * DAY)
    api(cast.asha).patch(f"/lead/covers/{row.pk}/", {"reason": "On leave."})
    run(NOON + DAY, NOON + 3 * DAY)
    words = words_of(Message.objects.get(kind=kind, user=cast.asha, channel="EMAIL"))
    assert words.title == title
    assert words.text.startswith(line)
    assert line in words.html


def test_it_says_why_and_who_ended_it(cast: Cast) -> None:
    row = cover(cast.asha, cast.bela, reason="On leave.")
    assert "asha arranged it. Why: On leave.\n" in words_of(Message.objects.filter(channel="EMAIL")[0]).text
    api(cast.asha).delete(f"/lead/covers/{row.pk}/")
    assert "asha has ended it early." in words_of(Message.objects.filter(kind="cover_ended")[0]).text


def test_it_tells_each_once_however_often_it_looks(cast: Cast) -> None:
    cover(cast.asha, cast.bela, starts_at=NOON + DAY, ends_at=NOON + 2 * DAY)
    moments = [NOON + DAY, NOON + DAY, NOON + DAY + DAY / 2, NOON + 2 * DAY, NOON + 2 * DAY, NOON + 9 * DAY]
    assert run(*moments) == [1, 0, 0, 1, 0, 0]
    assert told() == ["cover_made", "cover_begun", "cover_ended"]


def test_it_tells_only_the_end_of_what_is_over_by_the_time_it_looks(cast: Cast) -> None:
    cover(cast.asha, cast.bela, starts_at=NOON + DAY, ends_at=NOON + 2 * DAY)
    assert run(NOON + 30 * DAY, NOON + 31 * DAY) == [1, 0]
    assert told() == ["cover_made", "cover_ended"]


def test_it_does_not_tell_the_beginning_of_what_begins_when_it_is_made(cast: Cast) -> None:
    cover(cast.asha, cast.bela)
    assert run(NOON, NOON + DAY) == [0, 0]
    assert told() == ["cover_made"]


def test_it_tells_once_that_it_was_ended_early(cast: Cast) -> None:
    row = cover(cast.asha, cast.bela)
    api(cast.asha).delete(f"/lead/covers/{row.pk}/")
    assert run(NOON + 30 * DAY) == [0]
    assert told() == ["cover_made", "cover_ended"]
    ended = Message.objects.filter(kind="cover_ended").first()
    assert ended
    assert (ended.facts["ended_early"], ended.facts["by"]) == (True, "asha")


def test_it_tells_each_change_and_nothing_where_nothing_changes(cast: Cast) -> None:
    path = f"/lead/covers/{cover(cast.asha, cast.bela).pk}/"
    for reason in ("On leave.", "On leave.", "Ill."):
        api(cast.asha).patch(path, {"reason": reason})
    assert told() == ["cover_made", "cover_changed", "cover_changed"]


def test_it_tells_nobody_who_has_left(cast: Cast) -> None:
    cover(cast.asha, cast.bela, starts_at=NOON + DAY)
    cast.bela.deactivate(by=cast.root, at=NOON)
    Message.objects.all().delete()
    cast.bela.refresh_from_db()
    run(NOON + 30 * DAY)
    assert told("bela") == []


def test_it_ends_with_who_leaves(cast: Cast) -> None:
    by_her, of_her, beside = (
        cover(cast.asha, cast.bela),
        cover(cast.bela, cast.carl, by=cast.root),
        cover(cast.carl, cast.asha, by=cast.root),
    )
    over = cover(cast.bela, person(), by=cast.root, at=NOON - 9 * DAY)
    person_left.happened(person=cast.bela, successor=None, to_pool=False, by=cast.maya, at=NOON)
    ended = set(Cover.objects.filter(archived_at=NOON))
    assert ended == {by_her, of_her}
    assert {beside, over}.isdisjoint(ended)
    assert told("asha")[-1] == "cover_ended"


def test_it_begins_once_for_any_number_of_runs(cast: Cast) -> None:
    for number in range(3):
        cover(person(), person(), by=cast.root, starts_at=NOON + DAY, reason=str(number))
    assert sum(map(partial(tell_of_covers), [NOON + DAY] * 3)) == 3
