"""A story: people come, restaurants change hands, calls are planned, missed and made, and everybody is told by mail.

Over a real mail server, with the jobs that the table names, as the days go by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine

from interaction_tracking.models import Interaction
from kams.models import User
from LeadManagementSystem.schedule import JOBS
from tests.cast import PASSWORD, RESTAURANT, Cast, api
from tests.smtp import Mailroom, smtp_server, use

# The Saturday before the clocks of New York go forward, 2025-03-09 at two o'clock.
SATURDAY = datetime(2025, 3, 8, 9, 0, tzinfo=UTC)
ZONES = {"asha.rao": "Asia/Kolkata", "ben.fox": "America/New_York"}


@pytest.fixture
def mailroom(settings: Any) -> Iterator[Mailroom]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    room = Mailroom()
    with smtp_server(room) as port:
        use(settings, port)
        yield room


class Office:
    """The service as the days go by: its clock, its jobs, and who is logged in."""

    def __init__(self, cast: Cast, mailroom: Mailroom) -> None:
        self.mailroom = mailroom
        self.now = SATURDAY
        assert cast.root

    def call(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """What somebody asks, now; nobody has no token."""
        with time_machine.travel(self.now, tick=False):
            answer = api(User.objects.filter(username=who).first())(method, path, body)
        assert answer.status_code < 300, answer.content
        return answer.json() if answer.content else None

    def run_jobs(self, moment: str) -> dict[str, list[EmailMessage]]:
        """Let it be this moment, and run every job once; what each person was mailed."""
        self.now, before = datetime.fromisoformat(moment), len(self.mailroom.mails)
        with time_machine.travel(self.now, tick=False):
            for job in sorted(JOBS, key=lambda job: job.name == "deliver-messages"):
                job.run(self.now)
        sent = self.mailroom.mails[before:]
        return {name: [mail for mail in sent if mail["To"] == f"{name}@kams.example"] for name in ZONES}

    def take_in(self, name: str) -> int:
        """Add a person, who opens the mail, chooses a password and can log in."""
        address = f"{name}@kams.example"
        given = {"username": name, "email": address, "timezone": ZONES[name]}
        key: int = self.call("root", "POST", "/kam/people/", given)["id"]
        self.run_jobs(self.now.isoformat())
        secret = re.search(r"token=([\w.-]+)", said(self.mailroom.to(address)[-1]))
        assert secret
        self.call("nobody", "POST", "/kam/password-reset/confirm/", {"token": secret[1], "new_password": PASSWORD})
        assert self.call("nobody", "POST", "/api/token/", {"username": name, "password": PASSWORD})["access"]
        return key


def said(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part
    return str(part.get_content())


@pytest.fixture
def office(db: None, mailroom: Mailroom) -> Office:  # noqa: ARG001 - to ask for the database is to have it
    return Office(Cast(), mailroom)


def test_it_tells_who_gets_a_restaurant_and_who_loses_it(office: Office) -> None:
    asha, ben = (office.take_in(name) for name in ZONES)

    # The restaurant goes to Asha, who reads when by her own clock.
    place = office.call("root", "POST", "/lead/restaurants/", {**RESTAURANT, "assigned_to": None})["id"]
    path = f"/lead/restaurants/{place}/"
    office.call("root", "POST", f"{path}allocate/", {"to": asha, "reason": "She knows the owner."})
    mails = office.run_jobs("2025-03-08T09:05:00+00:00")
    assert (len(mails["asha.rao"]), mails["ben.fox"]) == (1, [])
    told = mails["asha.rao"][0]
    assert "The Great Restaurant" in str(told["Subject"])
    assert "14:30" in said(told)
    assert "She knows the owner." in said(told)
    assert told.get_body(("html",)) is not None

    # It goes on to Ben: two mails, and a second look sends nothing twice.
    office.call("root", "POST", f"{path}allocate/", {"to": ben, "reason": "Asha is full."})
    mails = office.run_jobs("2025-03-08T09:10:00+00:00")
    assert [len(mails[name]) for name in ZONES] == [1, 1]
    assert "ben.fox" in said(mails["asha.rao"][0])
    assert "Asha is full." in said(mails["ben.fox"][0])
    assert office.run_jobs("2025-03-08T09:15:00+00:00") == {"asha.rao": [], "ben.fox": []}


def test_it_prepares_each_day_by_the_clock_of_who_calls(office: Office) -> None:
    asha, ben = (office.take_in(name) for name in ZONES)
    lead = {**RESTAURANT, "assigned_to": ben}
    place = office.call("root", "POST", "/lead/restaurants/", lead)["id"]
    plan = office.call("ben.fox", "POST", "/call/", {"lead": place, "frequency": "DAILY"})
    assert plan["next_call_date"] == "2025-03-09T05:00:00Z"
    office.run_jobs("2025-03-08T12:30:00+00:00")

    # On Sunday the clocks go forward: 07:00 in New York is 11:00 UTC now, no longer 12:00.
    assert office.run_jobs("2025-03-09T10:55:00+00:00")["ben.fox"] == []
    planned = Interaction.objects.get(status="PLANNED")
    assert planned.due_at == datetime(2025, 3, 9, 5, tzinfo=UTC)
    (morning,) = office.run_jobs("2025-03-09T11:00:00+00:00")["ben.fox"]
    assert "The Great Restaurant" in said(morning)
    assert office.run_jobs("2025-03-09T11:05:00+00:00")["ben.fox"] == []

    # He does not call: on Monday it was missed, and the plan of the day says so.
    told = office.run_jobs("2025-03-10T04:05:00+00:00")["ben.fox"]
    planned.refresh_from_db()
    assert planned.status == "MISSED"
    (morning,) = office.run_jobs("2025-03-10T11:00:00+00:00")["ben.fox"]
    assert "missed" in said(morning).lower()
    assert all("missed" in str(mail["Subject"]).lower() for mail in told)

    # Then he calls: what was planned for the day is done, and nothing of it is open.
    office.now = datetime(2025, 3, 10, 14, tzinfo=UTC)
    answer = office.call("ben.fox", "POST", f"/call/{plan['id']}/record_call/")
    assert answer["next_call_date"] == "2025-03-11T14:00:00Z"
    calls = office.call("ben.fox", "GET", f"/track/interactions/?lead={place}")
    assert sorted(call["status"] for call in calls) == ["DONE", "MISSED"]

    # Asha's day begins by her own clock: 07:00 in Kolkata is 01:30 UTC.
    second = office.call("root", "POST", "/lead/restaurants/", {**RESTAURANT, "name": "Udupi", "assigned_to": asha})
    office.call("root", "POST", "/call/", {"lead": second["id"], "frequency": "DAILY"})
    assert not any("Udupi" in said(mail) and "07:00" in said(mail) for mail in office.mailroom.mails)
    office.run_jobs("2025-03-11T01:25:00+00:00")
    (morning,) = office.run_jobs("2025-03-11T01:30:00+00:00")["asha.rao"]
    assert "Udupi" in said(morning)
    assert "The Great Restaurant" not in said(morning)


def test_it_lets_a_lost_restaurant_rest(office: Office) -> None:
    office.take_in("ben.fox")
    place = office.call("ben.fox", "POST", "/lead/restaurants/", RESTAURANT | {"assigned_to": None})["id"]
    office.call("ben.fox", "POST", f"/lead/restaurants/{place}/claim/")
    office.call("ben.fox", "POST", "/call/", {"lead": place, "frequency": "DAILY"})
    office.run_jobs("2025-03-09T11:00:00+00:00")
    assert Interaction.objects.get().status == "PLANNED"
    lost = {"status": "LOST", "reason": "Closed down"}
    office.call("ben.fox", "POST", f"/lead/restaurants/{place}/change_status/", lost)
    before = len(office.mailroom.mails)
    office.run_jobs("2025-03-10T11:00:00+00:00")
    assert Interaction.objects.get().status == "CANCELLED"
    assert len(office.mailroom.mails) == before
