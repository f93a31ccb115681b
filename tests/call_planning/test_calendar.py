"""`/call/calendar/`: a secret address at which a calendar program reads the calls of one person."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from call_planning.models import Block, CalendarFeed, CallPlan
from call_planning.models.calendar_feed import MOST_EVENTS
from call_planning.tasks import plan_calls
from kams.models import User
from tests.admin.browser import Browser, messages
from tests.cast import NOON, PASSWORD, Cast, api, call_plan, collaboration, contact, cover, restaurant
from tests.ledger import marks

pytestmark = pytest.mark.usefixtures("noon")

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MONDAY = datetime(2024, 12, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _outside(settings: Any) -> None:
    settings.API_URL = "https://kam.example.com/"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def opened(user: User) -> str:
    """The path of a new feed."""
    answer = api(user).post("/call/calendar/")
    assert answer.status_code == 201, answer.content
    return str(answer.json()["url"].removeprefix("https://kam.example.com"))


def due(owner: User | None, when: datetime = MONDAY, **fields: Any) -> CallPlan:
    given = {"country": "", "timezone": "UTC", **fields}
    notes = {"notes": given.pop("plan_notes")} if "plan_notes" in given else {}
    return call_plan(restaurant(owner, **given), next_call_date=when, **notes)


def read(path: str) -> Any:
    answer = api().get(path, Accept="text/calendar, */*;q=0.5")
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.content)


def events(path: str) -> list[Any]:
    return list(read(path).walk("VEVENT"))


def names(path: str) -> list[str]:
    return sorted(str(event["SUMMARY"]).removeprefix("Call ") for event in events(path))


# --- the address --------------------------------------------------------------------------------
def test_it_shows_the_address_once_and_keeps_its_digest(cast: Cast) -> None:
    assert api(cast.asha).get("/call/calendar/").json() == {"active": False, "created_at": None}
    answer = api(cast.asha).post("/call/calendar/")
    assert (answer.status_code, answer["Location"]) == (201, "http://testserver/call/calendar/")
    assert answer["Cache-Control"] == "no-store"
    token = answer.json()["url"].removeprefix("https://kam.example.com/call/calendar/").removesuffix(".ics")
    assert len(token) == 43  # 256 bits
    feed = CalendarFeed.objects.get()
    assert (feed.user, feed.token_hash) == (cast.asha, sha256(token.encode()).hexdigest())
    assert token not in str(list(CalendarFeed.objects.values()))
    shown = api(cast.asha).get("/call/calendar/")
    assert shown.json() == {"active": True, "created_at": "2024-12-28T12:00:00Z"}
    assert api(cast.bela).get("/call/calendar/").json()["active"] is False


def test_it_ends_the_older_one_with_a_new_one(cast: Cast) -> None:
    older, newer = opened(cast.asha), opened(cast.asha)
    assert (api().get(older).status_code, api().get(newer).status_code) == (404, 200)
    assert CalendarFeed.objects.count() == 1


def test_it_gives_each_their_own(cast: Cast) -> None:
    due(cast.asha, name="Hers")
    due(cast.carl, name="His")
    hers, his = opened(cast.asha), opened(cast.carl)
    assert (names(hers), names(his)) == (["Hers"], ["His"])


def test_it_answers_no_more_once_it_is_revoked(cast: Cast) -> None:
    path = opened(cast.asha)
    others = opened(cast.bela)
    answer = api(cast.asha).delete("/call/calendar/")
    assert (answer.status_code, answer.content) == (204, b"")
    refused = api().get(path)
    assert (refused.status_code, refused["Content-Type"]) == (404, "application/problem+json")
    assert api().get(others).status_code == 200
    assert api(cast.asha).delete("/call/calendar/").status_code == 204


def test_staff_end_it(cast: Cast) -> None:
    hers, his = opened(cast.asha), opened(cast.bela)
    page = Browser(cast.root).act("revoke", CalendarFeed.objects.get(user=cast.asha))
    assert messages(page) == ["1 calendar feed revoked."]
    assert [api().get(path).status_code for path in (hers, his)] == [404, 200]
    cast.nora.is_staff = True
    cast.nora.save()
    Browser(cast.nora).act("revoke", CalendarFeed.objects.get())
    assert api().get(his).status_code == 200, "who only looks revokes nothing"


def test_it_keeps_no_secret_for_a_retry(cast: Cast) -> None:
    first = api(cast.asha).post("/call/calendar/", Idempotency_Key="a key")
    again = api(cast.asha).post("/call/calendar/", Idempotency_Key="a key")
    assert "Idempotency-Replayed" not in again
    assert first.json()["url"] != again.json()["url"]


def test_it_takes_no_body(cast: Cast) -> None:
    answer = api(cast.asha).post("/call/calendar/", {"token": "mine"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["token"])
    assert not CalendarFeed.objects.exists()


# --- who ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("token", ["x", "x" * 43, "x" * 4000, "%00", "%F0%9F%92%A9", "..", "A" * 42 + "=", "' OR 1=1"])
def test_it_answers_a_made_up_address_as_one_that_is_not_there(cast: Cast, token: str) -> None:
    opened(cast.asha)
    before = marks()
    answer = api().get(f"/call/calendar/{token}.ics")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert marks() == before


def test_it_ends_with_the_person(cast: Cast) -> None:
    path = opened(cast.bela)
    cast.bela.deactivate(by=cast.root, at=NOON)
    assert api().get(path).status_code == 404
    cast.bela.revise(by=cast.root, at=NOON, is_active=True)
    assert api().get(path).status_code == 404  # what leaked meanwhile stays worthless


def test_it_ends_for_who_only_reads_from_now_on(cast: Cast) -> None:
    path = opened(cast.bela)
    cast.bela.revise(by=cast.root, at=NOON, role="ANALYST")
    assert api().get(path).status_code == 404
    assert api(cast.bela).get("/call/calendar/").json() == {"active": False, "created_at": None}
    assert api(cast.nora).post("/call/calendar/").status_code == 403


def test_it_ends_with_the_password(cast: Cast) -> None:
    path = opened(cast.asha)
    cast.asha.change_password(PASSWORD, at=NOON)
    assert api().get(path).status_code == 404
    assert api(cast.asha).get("/call/calendar/").json()["active"] is False
    assert api().get(opened(cast.asha)).status_code == 200


def test_it_needs_a_log_in_but_for_reading_the_feed(cast: Cast) -> None:
    path = opened(cast.asha)
    for method in ("GET", "POST", "DELETE"):
        assert api()(method, "/call/calendar/").status_code == 401
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert api()(method, path).status_code == 405
    assert api(cast.bela).get(path).status_code == 200  # whoever has it
    assert api().get(f"{path}?zone=UTC").status_code == 400
    refused = api().get(path, Accept="application/json")
    assert (refused.status_code, refused.json()["detail"]) == (406, "Offered here: text/calendar.")


# --- what is in it ------------------------------------------------------------------------------
def test_it_holds_the_portfolio_and_nothing_else(cast: Cast) -> None:
    due(cast.bela, name="own")
    collaboration(due(cast.asha, name="shared").lead, cast.bela, by=cast.root)
    due(cast.asha, name="of a colleague")
    due(cast.carl, name="covered")
    cover(cast.carl, cast.bela, ends_at=NOON + HOUR)
    due(None, name="pool")
    due(cast.bela, name="lost", lead_status="LOST")
    archived, ended = due(cast.bela, name="archived"), due(cast.bela, name="ended")
    archived.lead.archive(by=cast.root, at=NOON)
    ended.archive(by=cast.root, at=NOON)
    path = opened(cast.bela)
    assert names(path) == ["covered", "own", "shared"]
    with time_machine.travel(NOON + HOUR, tick=False):
        assert names(path) == ["own", "shared"]


def test_it_holds_of_a_manager_what_is_theirs_and_not_the_teams(cast: Cast) -> None:
    due(cast.asha, name="of the team")
    due(cast.maya, name="own")
    assert names(opened(cast.maya)) == ["own"]


def test_it_looks_thirty_days_ahead(cast: Cast) -> None:
    due(cast.asha, NOON - 40 * DAY, name="overdue")
    due(cast.asha, NOON + 30 * DAY - HOUR, name="within")
    due(cast.asha, NOON + 30 * DAY, name="beyond")
    asleep = due(cast.asha, NOON, name="asleep")
    asleep.snooze(until=NOON + 31 * DAY, by=cast.asha, at=NOON)
    assert names(opened(cast.asha)) == ["overdue", "within"]


def test_it_lies_where_the_call_is_suggested(cast: Cast) -> None:
    plan = due(cast.asha, MONDAY + 12 * HOUR, name="Spice", plan_notes="Ask for the chef.")
    contact(plan.lead, name="Meera Nair", phone="020 5550 0199", is_primary=True)
    (event,) = events(opened(cast.asha))
    shown = api(cast.asha).get(f"/call/{plan.pk}/").json()["suggested_call_at"]
    assert event.decoded("DTSTART") == datetime.fromisoformat(shown) == MONDAY + timedelta(hours=14, minutes=30)
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(minutes=15)
    assert (event["UID"], event["SUMMARY"]) == (f"call-plan-{plan.pk}@kam.example.com", "Call Spice")
    assert event["DESCRIPTION"] == "Meera Nair, 020 5550 0199\n\nAsk for the chef."
    assert event["LOCATION"] == "123 Food Street, New York"
    assert (event.decoded("DTSTAMP"), event["SEQUENCE"], event["STATUS"]) == (NOON, 1, "TENTATIVE")


def test_it_names_who_is_known_where_the_primary_contact_wants_no_calls(cast: Cast) -> None:
    plan = due(cast.asha)
    contact(plan.lead, name="Meera Nair", is_primary=True, opted_out=True)
    (event,) = events(opened(cast.asha))
    assert event["DESCRIPTION"] == "John Doe, +1234567890"


def test_it_takes_the_day_where_there_is_no_moment_and_says_why(cast: Cast) -> None:
    cast.asha.revise(by=cast.root, at=NOON, timezone="Asia/Kolkata")
    plans = [due(cast.asha, when) for when in (NOON - 9 * DAY, MONDAY + 20 * HOUR)]
    for plan in plans:
        Block.objects.add(restaurant=plan.lead, ends_at=NOON + 90 * DAY, by=cast.asha, at=NOON)
    overdue, later = events(opened(cast.asha))
    assert overdue.decoded("DTSTART") == date(2024, 12, 28)  # today
    assert later.decoded("DTSTART") == date(2024, 12, 31)  # in India
    assert overdue["DTSTART"].params == {"VALUE": "DATE"}
    assert "DTEND" not in overdue
    assert "Nobody can be called there within 14 days" in overdue["DESCRIPTION"]


def test_it_keeps_the_uid_when_the_call_is_planned_moved_snoozed_and_made(cast: Cast) -> None:
    plan = due(cast.asha, NOON - HOUR)
    path, seen = opened(cast.asha), []
    caller = api(cast.asha)

    def look() -> None:
        (event,) = events(path)
        seen.append((event["UID"], event["STATUS"], event["SEQUENCE"], event.decoded("DTSTART")))

    look()
    plan_calls(NOON)
    look()
    caller.patch(f"/call/{plan.pk}/", {"next_call_date": "2024-12-31T10:00:00Z"})
    look()
    caller.post(f"/call/{plan.pk}/snooze/", {"until": "2025-01-02T10:00:00Z"})
    look()
    caller.post(f"/call/{plan.pk}/record_call/")
    look()
    assert len({uid for uid, *_ in seen}) == 1
    assert [status for _, status, *_ in seen] == ["TENTATIVE", "CONFIRMED", "TENTATIVE", "TENTATIVE", "TENTATIVE"]
    assert [changes for *_, changes, _ in seen] == [1, 1, 2, 3, 4]
    nine = MONDAY + 9 * HOUR
    ten = datetime(2024, 12, 31, 10, tzinfo=UTC)
    assert [when for *_, when in seen] == [nine, nine, ten, datetime(2025, 1, 2, 10, tzinfo=UTC), nine]


def test_it_says_what_calendar_programs_ask_for(cast: Cast) -> None:
    path = opened(cast.asha)
    found = read(path)
    assert (found["VERSION"], found["METHOD"], found["X-WR-CALNAME"]) == ("2.0", "PUBLISH", "Calls of asha")
    assert found.decoded("REFRESH-INTERVAL") == HOUR
    assert found["X-WR-TIMEZONE"] == "UTC"
    assert "PRODID" in found
    assert not found.walk("VEVENT")
    raw = api().get(path).content
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in raw
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))


@pytest.mark.parametrize(
    "hostile",
    [
        "Spice\r\nEND:VEVENT\r\nATTACH:https://evil.example/",
        "Spice\nX-EVIL:1",
        "Spice\rX-EVIL:1",
        "Spice\u2028X-EVIL:1\u0085X-EVIL:2\x0bX-EVIL:3\x1cX-EVIL:4",
        "Spice\x08\x1b[31m",
        'Spice;X=1,2:3\\n"quoted"',
        "=1+1" + "é" * 90,
    ],
)
def test_it_lets_no_text_begin_a_line_of_its_own(cast: Cast, hostile: str) -> None:
    plan = due(cast.asha, plan_notes=hostile, name=hostile, address=hostile)
    contact(plan.lead, name=hostile, phone="1", is_primary=True)
    path = opened(cast.asha)
    raw = api().get(path).content
    (event,) = events(path)
    assert set(event) == {
        *("UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND"),
        *("STATUS", "SUMMARY", "DESCRIPTION", "LOCATION"),
    }
    unfolded = raw.decode().replace("\r\n ", "")
    assert "X-EVIL" not in {line.partition(":")[0] for line in unfolded.split("\r\n")}
    assert not set(map(chr, (*range(10), *range(11, 13), *range(14, 32), 127))) & set(unfolded)
    assert unfolded.count("\n") == unfolded.count("\r\n") == unfolded.count("\r")


def test_it_holds_what_is_due_first_where_there_is_too_much(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_EVENTS == 500
    monkeypatch.setattr("call_planning.models.calendar_feed.MOST_EVENTS", 2)
    due(cast.asha, MONDAY + DAY, name="later")
    due(cast.asha, MONDAY, name="sooner")
    path = opened(cast.asha)
    assert read(path)["X-WR-CALDESC"] == "When to call whom, as the call plans have it."
    due(cast.asha, NOON - DAY, name="overdue")
    assert names(path) == ["overdue", "sooner"]
    assert read(path)["X-WR-CALDESC"] == "The 2 calls that are due first; there are more."


# --- asked again and again ----------------------------------------------------------------------
def test_it_comes_again_only_when_it_has_changed(cast: Cast) -> None:
    plan = due(cast.asha)
    path = opened(cast.asha)
    first = api().get(path)
    assert (first["Cache-Control"], first["ETag"][0]) == ("private, no-cache", '"')
    with time_machine.travel(NOON + 5 * HOUR, tick=False):
        same = api().get(path, If_None_Match=first["ETag"])
        assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
        api(cast.asha).patch(f"/call/{plan.pk}/", {"notes": "New."})
        other = api().get(path, If_None_Match=first["ETag"])
        assert (other.status_code, other["ETag"] != first["ETag"]) == (200, True)


def test_it_asks_the_same_few_statements_however_much_is_in_it(cast: Cast) -> None:
    path = opened(cast.asha)
    asked = []
    for size in (3, 30):
        for _ in range(size):
            contact(due(cast.asha).lead, is_primary=True)
        with CaptureQueriesContext(connection) as captured:
            assert len(events(path)) in (3, 33)
        asked.append(len(captured.captured_queries))
    assert asked == [3, 3]
