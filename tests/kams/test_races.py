"""Requests about people at the same moment: what may happen once happens once."""

from collections import Counter
from functools import partial
from typing import Any

import pytest

from kams import tokens
from kams.choices import Role
from kams.models import Invitation, Session, Team, User
from tests.cast import NOON, PASSWORD, api, person
from tests.kams.pairs import is_refused, refresh
from tests.races import at_once, shared_database

pytestmark = pytest.mark.django_db(transaction=True)


def statuses(answers: list[Any]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def test_it_lets_exactly_one_of_sixteen_uses_of_a_refresh_token_win() -> None:
    with shared_database():
        asha = person("asha")
        for _ in range(5):
            token = tokens.log_in(asha, at=NOON)["refresh"]
            answers = at_once(*[partial(refresh, token)] * 16)
            assert statuses(answers) == {200: 1, 401: 15}
            winner = next(answer for answer in answers if answer.status_code == 200)
            # The fifteen were copies of a spent token: nothing that came of the login is taken from now on.
            assert not Session.objects.alive(at=NOON).exists()
            assert is_refused(refresh(winner.json()["refresh"]))


def test_it_makes_one_person_of_an_invitation() -> None:
    with shared_database():
        root = person("root", role=Role.ADMIN)
        secret = Invitation.objects.add(by=root, at=NOON, email="new@kams.example").secret
        bodies = [{"invitation": secret, "username": f"new{number}", "password": PASSWORD} for number in range(8)]
        answers = at_once(*[partial(api().post, "/kam/sign-up/", body) for body in bodies])
        assert statuses(answers) == {201: 1, 400: 7}
        assert User.objects.of_address("new@kams.example").count() == 1


def test_it_takes_a_reset_link_once() -> None:
    with shared_database():
        asha = person("asha")
        secret = asha.reset_secret
        bodies = [{"token": secret, "new_password": f"{PASSWORD} {number}"} for number in range(8)]
        answers = at_once(*[partial(api().post, "/kam/password-reset/confirm/", body) for body in bodies])
        assert statuses(answers) == {200: 1, 400: 7}
        asha.refresh_from_db()
        won = next(body for body, answer in zip(bodies, answers, strict=True) if answer.status_code == 200)
        assert asha.check_password(won["new_password"])


def test_it_keeps_an_admin_when_two_demote_each_other() -> None:
    with shared_database():
        for _ in range(5):
            one, two = person(role=Role.ADMIN), person(role=Role.ADMIN)
            answers = at_once(
                partial(api(one).patch, f"/kam/people/{two.pk}/", {"role": "KAM"}),
                partial(api(two).patch, f"/kam/people/{one.pk}/", {"role": "KAM"}),
            )
            # The loser is the last admin (409), or comes too late to be one at all (404).
            assert sorted(statuses(answers)) in ([200, 404], [200, 409])
            assert User.objects.filter(role=Role.ADMIN).count() == 1
            User.objects.filter(role=Role.ADMIN).update(role=Role.KAM)


def test_it_makes_no_circle_of_teams_that_are_moved_below_each_other() -> None:
    with shared_database():
        root = person("root", role=Role.ADMIN)
        for number in range(5):
            one, two = Team.objects.create(name=f"One {number}"), Team.objects.create(name=f"Two {number}")
            answers = at_once(
                partial(api(root).patch, f"/kam/teams/{one.pk}/", {"parent": two.pk}),
                partial(api(root).patch, f"/kam/teams/{two.pk}/", {"parent": one.pk}),
            )
            assert statuses(answers) == {200: 1, 400: 1}
            assert Team.objects.filter(pk__in=[one.pk, two.pk], parent=None).count() == 1


def test_it_loses_no_change_of_two_fields_at_once() -> None:
    with shared_database():
        root, asha = person("root", role=Role.ADMIN), person("asha")
        for number in range(5):
            answers = at_once(
                partial(api(root).patch, f"/kam/people/{asha.pk}/", {"first_name": f"A{number}"}),
                partial(api(asha).patch, "/kam/me/", {"last_name": f"B{number}"}),
            )
            assert statuses(answers) == {200: 2}
            asha.refresh_from_db()
            assert (asha.first_name, asha.last_name) == (f"A{number}", f"B{number}")
