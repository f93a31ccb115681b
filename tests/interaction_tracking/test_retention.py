"""Retention: which interactions leave the database, what their files hold, and how they come back."""

from __future__ import annotations

import gzip
import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from interaction_tracking import archive, retention
from interaction_tracking.models import Interaction
from interaction_tracking.tasks import clean_up_interactions
from leads.models import Restaurant
from tests.cast import NOON, Cast, api, contact, interaction, restaurant
from tests.interaction_tracking.kept import kept

pytestmark = pytest.mark.usefixtures("noon", "folder")

DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
DAYS = 365
BEFORE = NOON - DAYS * DAY  # what is older goes


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.RETENTION_DAYS, settings.RETENTION_FOLDER = DAYS, str(tmp_path / "archive")
    return tmp_path / "archive"


def closed(cast: Cast, *, status: str = "INACTIVE", at: datetime = BEFORE - DAY) -> Restaurant:
    """A restaurant that took this status then."""
    row = restaurant(cast.asha, at=BEFORE - 100 * DAY)
    row.change_status(status, by=cast.asha, at=at)
    return row


def old(row: Restaurant, *, date: datetime = BEFORE - 50 * DAY, **fields: Any) -> Interaction:
    who = contact(row, at=BEFORE - 90 * DAY)
    return interaction(who, **{"date": date, **fields})


def run(command: str, *arguments: Any) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out, no_color=True)
    return out.getvalue()


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*")) if folder.exists() else []


# --- what goes, and what stays ------------------------------------------------------------------------
@pytest.mark.parametrize("status", ["DONE", "MISSED", "CANCELLED"])
def test_it_removes_what_is_over(cast: Cast, folder: Path, status: str) -> None:
    old(closed(cast), status=status)
    assert clean_up_interactions(NOON) == 1
    assert not Interaction.objects.exists()
    assert len(files(folder)) == 1


def test_it_removes_what_was_deleted_and_what_an_archived_restaurant_holds(cast: Cast) -> None:
    row = closed(cast)
    old(row).archive(by=cast.asha, at=NOON)
    old(row)
    row.archive(by=cast.asha, at=NOON)
    assert clean_up_interactions(NOON) == 2


def test_it_keeps_what_brought_an_order_and_what_is_planned(cast: Cast) -> None:
    row = closed(cast)
    order = {"product_details": "Rice", "quantity": 2, "total_price": 10}
    ordered = [
        old(row, interaction_type="ORDER"),
        old(row, order_placed=True),
        old(row, order=order),
        old(row, interaction_type="ORDER", order=order),
    ]
    planned = old(row, status="PLANNED")
    before = kept()
    assert clean_up_interactions(NOON) == 0
    assert (set(Interaction.objects.all()), kept()) == ({*ordered, planned}, before)


@pytest.mark.parametrize(
    ("since", "date", "gone"),
    [
        (BEFORE - INSTANT, BEFORE - INSTANT, 1),
        (BEFORE, BEFORE - INSTANT, 0),
        (BEFORE - INSTANT, BEFORE, 0),
        (NOON - DAY, BEFORE - 50 * DAY, 0),
    ],
)
def test_it_counts_from_the_exact_moment(cast: Cast, since: datetime, date: datetime, gone: int) -> None:
    old(closed(cast, at=since), date=date)
    assert clean_up_interactions(NOON) == gone


@pytest.mark.parametrize("status", ["NEW", "CONTACTED", "CONVERTED", "LOST"])
def test_it_keeps_all_of_a_restaurant_that_is_not_inactive(cast: Cast, status: str) -> None:
    old(closed(cast, status=status))
    assert clean_up_interactions(NOON) == 0


def test_it_counts_from_when_it_became_inactive_the_last_time(cast: Cast) -> None:
    row = closed(cast)
    old(row)
    row.change_status("CONTACTED", by=cast.asha, at=NOON - 30 * DAY)
    assert clean_up_interactions(NOON) == 0
    row.change_status("INACTIVE", by=cast.asha, at=NOON - 20 * DAY)
    assert clean_up_interactions(NOON) == 0
    assert clean_up_interactions(NOON + DAYS * DAY) == 1


def test_it_counts_from_the_entry_of_a_restaurant_that_was_inactive_then(cast: Cast) -> None:
    old(restaurant(cast.asha, at=BEFORE - DAY, lead_status="INACTIVE"))
    assert clean_up_interactions(NOON) == 1


@pytest.mark.parametrize("days", [0, -1])
def test_it_is_off_until_a_retention_is_set(cast: Cast, folder: Path, settings: Any, days: int) -> None:
    settings.RETENTION_DAYS = days
    old(closed(cast))
    assert clean_up_interactions(NOON) == 0
    with pytest.raises(CommandError, match="Set RETENTION_DAYS"):
        run("clean_up")
    assert (Interaction.objects.count(), files(folder)) == (1, [])


def test_it_changes_no_figure(cast: Cast) -> None:
    row = closed(cast)
    old(row)
    old(row, order_placed=True)
    paths = ("/performance/order-patterns/?assigned_to={pk}", "/track/interactions/orders/", "/lead/restaurants/")

    def figures() -> list[Any]:
        return [api(cast.asha).get(path.format(pk=cast.asha.pk)).json() for path in paths]

    with time_machine.travel(BEFORE - 45 * DAY, tick=False):
        before = figures()
    assert clean_up_interactions(NOON) == 1
    with time_machine.travel(BEFORE - 45 * DAY, tick=False):
        assert figures() == before


# --- the commands ---------------------------------------------------------------------------------------
def test_it_only_counts_in_a_dry_run(cast: Cast, folder: Path) -> None:
    row = closed(cast)
    rows = [old(row) for _ in range(3)]
    assert run("clean_up", "--dry-run") == (
        "3 interactions from before 2023-12-29 12:00 UTC would go. None has gone.\n"
    )
    assert (Interaction.objects.count(), files(folder)) == (len(rows), [])


def test_it_says_what_went_where_and_goes_on_the_second_time(cast: Cast, folder: Path) -> None:
    row = closed(cast)
    old(row)
    (file,) = [line.partition(" in ")[2] for line in run("clean_up").splitlines() if " in " in line]
    assert [file] == list(map(str, files(folder)))
    assert run("clean_up") == f"0 interactions have gone into {folder}.\n"
    old(row)
    assert "1 interactions have gone" in run("clean_up")
    assert len(files(folder)) == 2


def test_it_writes_several_files(cast: Cast, folder: Path) -> None:
    row = closed(cast)
    for _ in range(5):
        old(row)
    assert [batch.rows for batch in retention.clean_up(at=NOON, size=2)] == [2, 2, 1]
    assert sum(len(archive.read(file)) for file in files(folder)) == 5


def test_it_may_be_stopped_between_two_batches(cast: Cast, folder: Path) -> None:
    row = closed(cast)
    for _ in range(5):
        old(row)
    next(retention.clean_up(at=NOON, size=2))
    assert (Interaction.objects.count(), len(files(folder))) == (3, 1)
    assert clean_up_interactions(NOON) == 3


# --- and back -------------------------------------------------------------------------------------------
def test_it_brings_everything_back_exactly(cast: Cast, folder: Path) -> None:
    row = closed(cast)
    guests = [contact(row, at=BEFORE - 90 * DAY) for _ in range(2)]
    first = old(row, date=BEFORE - DAY - timedelta(microseconds=123_457), details="«Naïve»\n\x1f\u2028 \U0001f35b")
    second = old(row, participants=guests, outcome="Angry", duration_seconds=7, status="MISSED")
    second.revise(by=cast.asha, at=NOON - INSTANT, details="Anew.")
    first.archive(by=cast.asha, at=NOON - DAY)
    before = kept()
    assert clean_up_interactions(NOON) == 2
    assert kept() != before
    (file,) = files(folder)
    assert run("restore_interactions", file) == f"{file}: 2 restored, 0 there already.\n"
    assert kept() == before
    assert run("restore_interactions", file) == f"{file}: 0 restored, 2 there already.\n"
    assert kept() == before
    assert interaction(guests[0]).pk > second.pk  # new ones come after


def test_it_leaves_what_is_there_as_it_is(cast: Cast, folder: Path) -> None:
    row = closed(cast)
    old(row)
    clean_up_interactions(NOON)
    (file,) = files(folder)
    run("restore_interactions", file)
    Interaction.objects.get().revise(by=cast.asha, at=NOON, details="Corrected since.")
    run("restore_interactions", file)
    assert Interaction.objects.get().details == "Corrected since."


def cut(data: bytes) -> bytes:
    return data[:-20]


def another_word(data: bytes) -> bytes:
    return gzip.compress(gzip.decompress(data).replace(b"Followed up.", b"Followed on."))


def another_row(data: bytes) -> bytes:
    first, *rest = gzip.decompress(data).splitlines(keepends=True)
    return gzip.compress(b"".join([first, first, *rest]))


def no_seal(data: bytes) -> bytes:
    return gzip.compress(b"".join(gzip.decompress(data).splitlines(keepends=True)[:-1]))


def a_flipped_bit(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 4]) + data[middle + 1 :]


def nothing(_: bytes) -> bytes:
    return b""


def nothing_compressed(_: bytes) -> bytes:
    return gzip.compress(b"")


@pytest.mark.parametrize(
    "spoil",
    [
        cut,
        another_word,
        another_row,
        no_seal,
        a_flipped_bit,
        gzip.decompress,
        nothing,
        nothing_compressed,
    ],
)
def test_it_refuses_a_file_that_is_damaged(cast: Cast, folder: Path, spoil: Callable[[bytes], bytes]) -> None:
    old(closed(cast))
    clean_up_interactions(NOON)
    (file,) = files(folder)
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(CommandError, match=r"cannot be read|is damaged"):
        run("restore_interactions", file)
    assert not Interaction.objects.exists()


def test_it_refuses_a_file_that_is_not_there(folder: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run("restore_interactions", folder / "interactions.jsonl.gz")


def test_it_restores_nothing_of_what_belongs_to_somebody_who_is_gone(cast: Cast, folder: Path) -> None:
    row = closed(cast)
    old(row)
    lost = old(row).contact
    assert lost
    clean_up_interactions(NOON)
    key = lost.pk
    lost.delete()
    with pytest.raises(CommandError, match=f"Nothing was restored: contact {key} is not there any more"):
        run("restore_interactions", *files(folder))
    assert not Interaction.objects.exists()


# --- the files ------------------------------------------------------------------------------------------
def test_it_lets_nobody_else_read_them(cast: Cast, folder: Path) -> None:
    old(closed(cast))
    clean_up_interactions(NOON)
    assert stat.S_IMODE(files(folder)[0].stat().st_mode) == 0o600


def test_it_makes_the_same_file_of_the_same_rows(cast: Cast, folder: Path) -> None:
    old(closed(cast))
    clean_up_interactions(NOON)
    (file,) = files(folder)
    first = file.read_bytes()
    run("restore_interactions", file)
    clean_up_interactions(NOON + DAY)
    assert [one.read_bytes() for one in files(folder)] == [first]


def test_it_removes_nothing_where_the_file_cannot_be_written(
    cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    old(closed(cast))
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        clean_up_interactions(NOON)
    assert (Interaction.objects.count(), files(folder)) == (1, [])
