"""`manage.py demo`: when it fills the database, when it does not, and what it says."""

import io
import logging
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db.models import Model
from pytest_django import Settings
from tqdm import tqdm

from call_planning.demo import lives, people
from call_planning.demo.organisation import Participant
from call_planning.models import Block, CallPlan
from contact.models import Contact
from interaction_tracking.models import Interaction, Order
from kams.models import Team, User
from leads.choices import LeadStatus
from leads.models import Allocation, Collaboration, Cover, Restaurant, StatusChange
from tests.cast import NOON, RESTAURANT, person

pytestmark = pytest.mark.django_db

TABLES = (
    Team,
    User,
    Restaurant,
    StatusChange,
    Allocation,
    Contact,
    Collaboration,
    Cover,
    Block,
    CallPlan,
    Interaction,
    Participant,
    Order,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture(autouse=True)
def _little_work(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """One restaurant of each status for each KAM, and a password that is hashed at once."""
    monkeypatch.setattr(lives, "_MIX", dict.fromkeys(LeadStatus, 1))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def run() -> str:
    said = io.StringIO()
    call_command("demo", stdout=said)
    return said.getvalue()


def rows() -> dict[type[Model], list[object]]:
    return {model: list(model._base_manager.order_by("pk").values()) for model in TABLES}


def test_it_fills_an_empty_database_and_says_as_whom_to_log_in() -> None:
    said = run()

    assert Restaurant.objects.count() == 12 * 7
    for username in (people.ADMIN, people.MANAGER, people.ANALYST, people.KAM):
        assert f"  {username} " in said
        assert User.objects.get(username=username).check_password(people.PASSWORD)
    assert people.PASSWORD in said


def test_it_leaves_its_own_data_alone_the_second_time() -> None:
    run()
    before = rows()

    with time_machine.travel(NOON + timedelta(days=3)):
        said = run()

    assert "The demo is already there." in said
    assert people.PASSWORD in said
    assert rows() == before


@pytest.mark.parametrize(
    ("holds", "named"),
    [
        pytest.param(lambda: person("somebody"), "users", id="a user"),
        pytest.param(lambda: person(people.ADMIN), "users", id="an admin of the same name, of another house"),
        pytest.param(lambda: Team.objects.create(name="South"), "teams", id="a team"),
        pytest.param(lambda: Restaurant.objects.create(**RESTAURANT), "restaurants", id="a restaurant"),
    ],
)
def test_it_refuses_a_database_that_holds_anything_else(holds: Callable[[], Model], named: str) -> None:
    holds()
    before = rows()

    with pytest.raises(CommandError, match=f"holds {named} already.*an empty database"):
        run()

    assert rows() == before


def test_it_refuses_production_because_its_password_is_public(settings: Settings) -> None:
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match=r"password is public.*ENVIRONMENT is not production"):
        run()

    assert not User.objects.exists()


def test_it_leaves_nothing_when_it_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        if Order.objects.exists():
            raise KeyboardInterrupt

    monkeypatch.setattr(tqdm, "update", interrupt)

    with pytest.raises(KeyboardInterrupt):
        run()

    assert not any(rows().values())


def test_it_shows_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())

    with caplog.at_level(logging.INFO):
        run()

    assert "100%" in terminal.getvalue()
    assert "rows/s" in terminal.getvalue()
    assert not [line for line in caplog.messages if line.startswith("Wrote")]


def test_it_logs_a_line_for_each_table_elsewhere(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.INFO):
        run()

    lines = [line for line in caplog.messages if line.startswith("Wrote")]
    assert lines == [f"Wrote {len(made)} {model._meta.verbose_name_plural}." for model, made in rows().items()]
    assert "Wrote 84 restaurants." in lines
    assert "%" not in capsys.readouterr().err


def test_it_numbers_on_after_its_own_rows() -> None:
    run()

    assert person("newcomer").pk > len(people.PEOPLE)
    assert Restaurant.objects.create(**RESTAURANT).pk > 12 * 7
