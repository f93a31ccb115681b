"""The seal of the history: whatever is done to its rows behind our back, `verify_audit` finds and names it."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from common import audit
from common.models import Change, ChangeSet, Seal
from common.models.seal import keys_in, spans_of
from common.tasks import seal_audit
from leads.models import Restaurant
from tests.cast import NOON, Cast, api, contact, restaurant

pytestmark = pytest.mark.usefixtures("noon")

MINUTE = timedelta(minutes=1)


def verify(*arguments: str) -> tuple[bool, str]:
    """Whether everything is good, and what is said."""
    out = StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out, no_color=True)
    except CommandError as bad:
        return False, f"{out.getvalue()}{bad}"
    return True, out.getvalue()


def problems() -> list[str]:
    """The kinds of what was found, in its order."""
    good, text = verify()
    found = re.findall(r"^(edited|deleted|inserted|reordered|truncated): ", text, re.MULTILINE)
    assert good == (not found)
    return found


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def put(table: str, column: str, value: Any, *, of: int) -> None:
    """Another value in this column of the row, past the service."""
    key = {"common_change": "id", "common_seal": "number"}[table]
    sql(f"UPDATE {table} SET {connection.ops.quote_name(column)} = %s WHERE {key} = %s", value, of)  # noqa: S608 - our names


@pytest.fixture
def place(cast: Cast) -> Restaurant:
    """Whose history is sealed in two parts; three rows of it are in the first, and three in the second."""
    row = restaurant(cast.root)
    contact(row)
    seal_audit(NOON)
    path = f"/lead/restaurants/{row.pk}/"
    for number in range(3):
        assert api(cast.root).patch(path, {"notes": f"Note {number}"}).status_code == 200
    seal_audit(NOON + MINUTE)
    assert list(Seal.objects.order_by("number").values_list("rows", flat=True)) == [3, 3]
    return row


@pytest.fixture
def rows(place: Restaurant) -> list[int]:  # noqa: ARG001 - of the place
    return list(Change.objects.order_by("pk").values_list("pk", flat=True))


def copy_of(key: int, **other: Any) -> None:
    """Another row with the same content but for these, written past the service."""
    row = Change.objects.get(pk=key)
    values = {str(field.column): getattr(row, field.attname) for field in Change._meta.concrete_fields} | other
    values.pop("id")
    names = ", ".join(connection.ops.quote_name(name) for name in values)
    at = connection.ops.adapt_datetimefield_value(values["at"])
    sql(
        f"INSERT INTO common_change ({names}) VALUES ({', '.join(['%s'] * len(values))})",  # noqa: S608 - our names
        *(values | {"at": at}).values(),
    )


def swap(first: int, second: int) -> None:
    """Let two rows change places, marks and all."""
    for old, new in ((first, 10**6), (second, first), (10**6, second)):
        sql("UPDATE common_change SET id = %s WHERE id = %s", new, old)


# --- five kinds of tampering ----------------------------------------------------------------------
@pytest.mark.usefixtures("place")
def test_it_finds_nothing_where_nothing_was_done() -> None:
    good, text = verify()
    assert good, text
    assert "6 rows in 2 seals; 0 are not sealed yet." in text


@pytest.mark.parametrize("seal", [0, 1])
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("changes", '{"notes":{"old":"Note 0","new":"Nothing."}}'),
        ("by_id", 77),
        ("at", "2024-12-27 12:00:00"),
        ("address", "198.51.100.1"),
        ("action", "ARCHIVED"),
        ("row", 77),
        ("mark", "0" * 64),
    ],
)
def test_it_finds_an_edit(rows: list[int], seal: int, column: str, value: Any) -> None:
    key = rows[3 * seal + 1]
    put("common_change", column, value, of=key)
    good, text = verify()
    assert not good
    assert f"edited: row {key}, " in text
    assert f" in seal {seal + 1} does not say what was written." in text


@pytest.mark.parametrize("place_in_seal", [0, 1, 2])
def test_it_finds_a_deletion(rows: list[int], place_in_seal: int) -> None:
    sql("DELETE FROM common_change WHERE id = %s", rows[place_in_seal])
    good, text = verify()
    assert not good
    assert f"deleted: seal 1 lacks row {rows[place_in_seal]}." in text


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({}, "inserted: seal 1 never held row {new}."),
        ({"seal_id": None}, "inserted: of rows {old},{new} all but one are copies."),
        ({"seal_id": None, "version": 9, "mark": "0" * 64}, "inserted: row {new}, "),
    ],
)
def test_it_finds_an_insertion(rows: list[int], other: dict[str, Any], words: str) -> None:
    copy_of(rows[1], **other)
    new = Change.objects.latest("pk").pk
    for _ in range(2):
        good, text = verify()
        assert not good
        assert words.format(old=rows[1], new=new) in text
        seal_audit(NOON + 2 * MINUTE)  # takes in nothing that we have not written


def test_it_finds_rows_in_another_order(rows: list[int]) -> None:
    swap(rows[3], rows[4])
    good, text = verify()
    assert not good
    assert "reordered: the rows of seal 2 (" in text
    assert problems()[0] == "reordered"


def test_it_finds_rows_that_changed_seals(rows: list[int]) -> None:
    swap(rows[1], rows[4])
    assert problems()[:2] == ["deleted", "inserted"]


@pytest.mark.usefixtures("place")
def test_it_finds_a_seal_that_was_cut_off_with_its_rows() -> None:
    _, text = verify()
    head = re.search(r"elsewhere: (\S+)", text)[1]  # type: ignore[index]
    sql("DELETE FROM common_change WHERE seal_id = 2")
    sql("DELETE FROM common_seal WHERE number = 2")
    good, text = verify()
    assert not good
    # The restaurant says how often it was changed,
    assert "truncated: leads.restaurant " in text
    assert "has version 4, and its history ends with 1." in text
    sql("UPDATE leads_restaurant SET version = 1")
    assert verify()[0]
    # and who noted the head elsewhere can tell in any case.
    good, text = verify("--head", head)
    assert not good
    assert "truncated: the seal 2 that was noted is not there." in text


def test_it_takes_a_head_that_is_older(place: Restaurant, cast: Cast) -> None:
    _, text = verify()
    head = re.search(r"elsewhere: (\S+)", text)[1]  # type: ignore[index]
    api(cast.root).patch(f"/lead/restaurants/{place.pk}/", {"notes": "More."})
    seal_audit(NOON + 2 * MINUTE)
    assert verify("--head", head)[0]


@pytest.mark.usefixtures("place")
def test_it_finds_a_seal_in_the_middle_that_is_gone() -> None:
    sql("DELETE FROM common_change WHERE seal_id = 1")
    sql("DELETE FROM common_seal WHERE number = 1")
    good, text = verify()
    assert not good
    assert "deleted: the chain lacks seal 1." in text


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("rows", 2),
        ("keys", "1"),
        ("keys", "1-99999999999"),
        ("keys", "some"),
        ("at", "2024-12-27 12:00:00"),
        ("mark", "0" * 64),
    ],
)
@pytest.mark.usefixtures("place")
def test_it_finds_a_seal_that_was_edited(column: str, value: Any) -> None:
    put("common_seal", column, value, of=1)
    good, text = verify()
    assert not good
    assert "edited: seal 1 is not as it was written." in text


def test_it_finds_what_was_taken_out_of_its_seal(rows: list[int]) -> None:
    sql("UPDATE common_change SET seal_id = NULL WHERE id = %s", rows[1])
    assert problems() == ["deleted"]
    seal_audit(NOON + 2 * MINUTE)
    assert problems() == ["deleted"]


def test_it_finds_a_change_that_no_verb_made(place: Restaurant) -> None:
    sql("UPDATE leads_restaurant SET version = version + 1")
    good, text = verify()
    assert not good
    assert f"truncated: leads.restaurant {place.pk} has version 5, and its history ends with 4." in text


@pytest.mark.usefixtures("place")
def test_it_believes_nobody_with_another_key(settings: Settings) -> None:
    settings.AUDIT_KEY = "another key of more than thirty-two bytes"
    assert set(problems()) == {"edited"}


# --- the job --------------------------------------------------------------------------------------
def test_it_seals_what_was_written_late_with_a_lower_key(rows: list[int], cast: Cast) -> None:
    """Keys are given before the transaction ends, so that a lower one may come after a higher one was sealed."""
    late = Change.noted(Restaurant, 5, "CHANGED", {}, version=1, at=NOON).signed()
    late.pk = rows[-1] + 50
    restaurant(cast.root)
    sql("UPDATE common_change SET id = id + 100 WHERE seal_id IS NULL")
    assert seal_audit(NOON + 2 * MINUTE) == 1
    late.save(force_insert=True)
    assert verify()[0]
    assert seal_audit(NOON + 3 * MINUTE) == 1
    assert verify()[0]
    assert Seal.objects.get(number=4).keys == str(rows[-1] + 50)


def test_it_seals_each_row_once_in_parts(cast: Cast) -> None:
    place = restaurant(cast.root)
    for _ in range(8):
        contact(place)
    assert audit.seal(at=NOON, size=4) == 10
    assert audit.seal(at=NOON, size=4) == 0
    assert sorted(Seal.objects.values_list("rows", flat=True)) == [2, 4, 4]
    assert not Change.objects.unsealed().exists()
    assert verify()[0]


def test_it_costs_the_same_for_each_part(cast: Cast) -> None:
    place, costs = restaurant(cast.root), []
    for size in (3, 30):
        for _ in range(size):
            contact(place)
        with CaptureQueriesContext(connection) as captured:
            seal_audit(NOON)
        costs.append(len(captured))
    assert costs[0] == costs[1] < 10


def test_it_seals_nothing_by_halves(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    restaurant(cast.root)

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ChangeSet, "update", die)
        with pytest.raises(KeyboardInterrupt):
            seal_audit(NOON)
    assert not Seal.objects.exists()
    assert verify()[0]
    assert seal_audit(NOON) == 2
    assert verify()[0]


@pytest.mark.parametrize(("keys", "text"), [([], ""), ([7], "7"), ([1, 2, 3, 5, 8, 9], "1-3,5,8-9")])
def test_it_writes_keys_in_short(keys: list[int], text: str) -> None:
    assert spans_of(keys) == text
    assert list(keys_in(text)) == keys


# --- redaction ------------------------------------------------------------------------------------
def redact(key: int, *names: str) -> int:
    return int(Change.objects.filter(pk=key).redact(*names, at=NOON + MINUTE))


@pytest.mark.parametrize("sealed", [True, False])
def test_it_accepts_and_lists_a_redaction(rows: list[int], sealed: bool) -> None:  # noqa: FBT001 - a table
    key = rows[4]
    if not sealed:
        contact(Restaurant.objects.get(), email="jane@example.com")
        key = Change.objects.latest("pk").pk
    names = ("notes",) if sealed else ("name", "email")
    assert redact(key, *names) == 1
    for _ in range(2):
        good, text = verify()
        assert good, text
        assert f"Redacted: row {key}, " in text
        seal_audit(NOON + 2 * MINUTE)
    assert not Change.objects.unsealed().exists()
    assert "jane@example.com" not in "".join(Change.objects.filter(pk=key).values_list("changes", flat=True))
    assert redact(key, *names) == 0
    # What is edited after that is found as before.
    sql("UPDATE common_change SET changes = '{}' WHERE id = %s", key)
    assert problems() == ["edited"]


def test_it_shows_what_is_left_of_a_redacted_change(place: Restaurant, cast: Cast) -> None:
    changes = Change.objects.of(Restaurant).filter(row=place.pk)
    assert changes.redact("contact_person", "phone", "email", at=NOON) == 1
    first = api(cast.root).get(f"/lead/restaurants/{place.pk}/history/").json()[-1]["changes"]
    assert [first[name] for name in ("contact_person", "phone", "email")] == [{"old": None, "new": None}] * 3
    assert first["city"]["new"] == "New York"
    assert first["potential_revenue"]["new"] == 5000.00


def test_it_takes_no_redaction_that_was_made_up(rows: list[int]) -> None:
    redact(rows[4], "notes")
    redaction = Change.objects.latest("pk").pk
    put("common_change", "row", rows[3], of=redaction)
    assert set(problems()) == {"edited", "inserted"}


def test_it_redacts_many_with_few_statements(cast: Cast) -> None:
    place, costs = restaurant(cast.root), []
    for size in (3, 30):
        rows = [contact(place).pk for _ in range(size)]
        with CaptureQueriesContext(connection) as captured:
            assert Change.objects.filter(model="contact.contact", row__in=rows).redact("name", at=NOON) == size
        costs.append(len(captured))
    assert costs[0] == costs[1] < 10
