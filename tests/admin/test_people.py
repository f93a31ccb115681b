"""People, teams, invitations and sessions in the admin: roles, passwords and who may come in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.contrib.auth import get_user
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.urls import reverse

from contact.models import Contact
from interaction_tracking.models import Interaction
from kams.models import Invitation, Session, Team, User
from leads.models import Restaurant
from notifications.tasks import deliver
from tests.admin.browser import Browser, adding, changing, errors, messages
from tests.cast import NOON, PASSWORD, Cast, api, contact, person, restaurant

LATER = NOON + timedelta(days=3)
ANOTHER = "another horse battery"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


def comes_in(token_holder: Any) -> bool:
    return bool(token_holder.get("/lead/restaurants/").status_code == 200)


def names(page: Any) -> list[str]:
    return [result["text"] for result in page.json()["results"]]


def completions(root: Browser, model: type[Any], field: str, term: str = "") -> list[str]:
    """What a field that completes itself offers."""
    asked = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field}
    return names(root.get(reverse("admin:autocomplete"), **asked, term=term))


# --- taking people in -------------------------------------------------------------------------------
def test_it_takes_somebody_in_who_chooses_a_password_by_mail(cast: Cast, root: Browser, mailoutbox: list[Any]) -> None:
    given = {"username": "dina", "email": "Dina@KAMs.example", "role": "KAM", "team": str(cast.south.pk)}
    answer = root.fill_in(adding(User), **given)
    assert answer.status_code == 302, errors(answer)
    dina = User.objects.get(username="dina")
    assert (dina.email, dina.role, dina.team, dina.created_at) == ("dina@kams.example", "KAM", cast.south, LATER)
    assert (dina.is_staff, dina.is_superuser, dina.has_usable_password()) == (False, False, False)
    assert deliver(LATER) == 1
    assert [mail.to for mail in mailoutbox] == [["dina@kams.example"]]


def test_it_refuses_an_address_that_is_taken_whatever_its_case(cast: Cast, root: Browser) -> None:
    cast.asha  # noqa: B018 - she joins
    told = errors(root.fill_in(adding(User), username="dina", email="ASHA@kams.example"))
    assert "email" in told
    assert not User.objects.filter(username="dina").exists()


def test_it_invites_by_mail_and_withdraws(cast: Cast, root: Browser, mailoutbox: list[Any]) -> None:
    answer = root.fill_in(adding(Invitation), email="dina@kams.example", role="KAM", team=str(cast.south.pk))
    assert answer.status_code == 302, errors(answer)
    invitation = Invitation.objects.get()
    assert (invitation.invited_by, invitation.created_at, invitation.team) == (cast.root, LATER, cast.south)
    assert deliver(LATER) == 1
    assert quote(invitation.secret) in mailoutbox[0].body
    assert invitation.secret.partition(":")[2] not in root.get(changing(invitation)).content.decode()
    assert messages(root.act("archive", invitation)) == ["1 invitation archived."]
    assert not Invitation.objects.live(at=LATER).exists()


def test_it_invites_nobody_who_is_here(cast: Cast, root: Browser) -> None:
    assert "email" in errors(root.fill_in(adding(Invitation), email=cast.asha.email, role="KAM"))
    assert not Invitation.objects.exists()


# --- roles ------------------------------------------------------------------------------------------
def test_it_changes_a_role(cast: Cast, root: Browser) -> None:
    assert root.fill_in(changing(cast.asha), role="MANAGER").status_code == 302
    cast.asha.refresh_from_db()
    assert (cast.asha.role, cast.asha.version) == ("MANAGER", 2)


def test_it_lets_nobody_change_their_own_role_or_lock_themselves_out(cast: Cast, root: Browser) -> None:
    for change in ({"role": "KAM"}, {"is_active": None}):
        assert errors(root.fill_in(changing(cast.root), **change))
    (message,) = messages(root.act("deactivate", cast.root, decided="True"))
    assert message.endswith("Nothing was changed.")
    cast.root.refresh_from_db()
    assert (cast.root.role, cast.root.is_active) == ("ADMIN", True)


def test_it_keeps_the_last_admin(cast: Cast) -> None:
    other = person(role="ADMIN", is_staff=True)
    first = Browser(other)
    assert first.fill_in(changing(cast.root), role="KAM").status_code == 302
    cast.root.refresh_from_db()
    assert (cast.root.role, cast.root.is_superuser, cast.root.is_staff) == ("KAM", False, False)
    assert errors(first.fill_in(changing(other), role="KAM"))
    assert User.objects.get(pk=other.pk).role == "ADMIN"


def test_it_makes_nobody_a_superuser(cast: Cast, root: Browser) -> None:
    forged = {"is_superuser": "on", "groups": "1", "user_permissions": "1", "password": "x", "token_generation": "9"}
    assert root.fill_in(changing(cast.asha), first_name="Asha", **forged).status_code == 302
    after = User.objects.get(pk=cast.asha.pk)
    assert (after.first_name, after.is_superuser, after.token_generation) == ("Asha", False, 1)
    assert after.password == cast.asha.password
    assert not after.user_permissions.exists()


def test_it_refuses_an_unknown_time_zone(cast: Cast, root: Browser) -> None:
    assert "timezone" in errors(root.fill_in(changing(cast.asha), timezone="Asia/Atlantis"))
    cast.asha.refresh_from_db()
    assert cast.asha.timezone != "Asia/Atlantis"


# --- coming in --------------------------------------------------------------------------------------
@pytest.mark.parametrize("door", ["page", "action"])
def test_it_deactivates_at_the_next_request(cast: Cast, root: Browser, door: str) -> None:
    asha = api(cast.asha)
    assert comes_in(asha)
    if door == "page":
        root.fill_in(changing(cast.asha), is_active=None)
    else:
        assert messages(root.act("deactivate", cast.asha, cast.bela, decided="True")) == ["2 users deactivated."]
    assert not comes_in(asha)
    assert messages(root.act("activate", cast.asha))[-1] == "1 user activated."
    assert not comes_in(asha), "the old token stays worthless"
    assert comes_in(api(User.objects.get(pk=cast.asha.pk)))


def test_it_asks_who_takes_over_before_it_deactivates(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    page = root.act("deactivate", cast.asha)
    assert page.status_code == 200
    assert ">bela</option>" in root.act("deactivate", cast.asha, cast.bela).content.decode()
    (message,) = messages(root.act("deactivate", cast.asha, decided="True"))
    assert message.startswith("asha: asha looks after one restaurant.")
    assert comes_in(api(cast.asha))
    done = messages(root.act("deactivate", cast.asha, decided="True", successor=cast.bela.pk))
    assert done == ["1 user deactivated."]
    row.refresh_from_db()
    assert (row.assigned_to, row.allocations.get(ended_at=None).reason) == (cast.bela, "asha left.")


def test_it_saves_no_page_that_would_leave_restaurants_with_nobody(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    for change in ({"is_active": None}, {"role": "ANALYST"}):
        assert errors(root.fill_in(changing(cast.asha), **change))
    cast.asha.refresh_from_db()
    row.refresh_from_db()
    assert (cast.asha.is_active, cast.asha.role, row.assigned_to) == (True, "KAM", cast.asha)


def test_it_ends_sessions_with_a_new_password(cast: Cast, root: Browser) -> None:
    asha = api(cast.asha)
    page = reverse("admin:auth_user_password_change", args=[cast.asha.pk])
    assert root.get(page).status_code == 200
    sent = {"password1": ANOTHER, "password2": ANOTHER, "usable_password": "true"}
    assert root.post(page, {**sent, "password2": "other"}).status_code == 200
    assert comes_in(asha)
    assert root.post(page, sent).status_code == 302
    after = User.objects.get(pk=cast.asha.pk)
    assert after.check_password(ANOTHER)
    assert (after.token_generation, after.version) == (2, 2)
    assert not comes_in(asha)


def test_it_ends_sessions_when_it_takes_the_password_away(cast: Cast, root: Browser) -> None:
    cast.asha.set_password(PASSWORD)
    cast.asha.save()
    asha = api(cast.asha)
    page = reverse("admin:auth_user_password_change", args=[cast.asha.pk])
    root.post(page, {"usable_password": "false", "unset-password": "1"})
    assert not User.objects.get(pk=cast.asha.pk).has_usable_password()
    assert not comes_in(asha)


def test_it_ends_sessions_with_a_password_of_ones_own_and_stays_logged_in(cast: Cast, root: Browser) -> None:
    cast.root.set_password(PASSWORD)
    cast.root.save()
    root.client.force_login(cast.root)
    token = api(cast.root)
    assert comes_in(token)
    sent = {"old_password": PASSWORD, "new_password1": ANOTHER, "new_password2": ANOTHER}
    assert root.post(reverse("admin:password_change"), sent).status_code == 302
    assert not comes_in(token)
    assert get_user(root.client).is_authenticated


def test_it_ends_sessions_with_a_password_from_the_command_line(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asha = api(cast.asha)
    monkeypatch.setattr("getpass.getpass", lambda **_: ANOTHER)
    call_command("changepassword", "asha")
    assert User.objects.get(pk=cast.asha.pk).token_generation == 2
    assert not comes_in(asha)


def test_it_keeps_sessions_when_a_password_is_only_hashed_anew(cast: Cast, settings: Any) -> None:
    hashers = "django.contrib.auth.hashers"
    settings.PASSWORD_HASHERS = [f"{hashers}.PBKDF2PasswordHasher", f"{hashers}.MD5PasswordHasher"]
    User.objects.filter(pk=cast.asha.pk).update(password=make_password(PASSWORD, hasher="md5"))
    assert User.objects.get(pk=cast.asha.pk).check_password(PASSWORD)
    after = User.objects.get(pk=cast.asha.pk)
    assert after.password.startswith("pbkdf2")
    assert after.token_generation == 1


def test_it_ends_a_session(cast: Cast, root: Browser) -> None:
    session = Session.objects.open(user=cast.asha, at=NOON, until=LATER + timedelta(hours=1), jti="1")
    over = Session.objects.open(user=cast.asha, at=NOON, until=NOON + timedelta(hours=1), jti="2")
    assert messages(root.act("end", session, over)) == ["1 session ended."]
    session.refresh_from_db()
    over.refresh_from_db()
    assert (session.revoked_at, over.revoked_at) == (LATER, None)


# --- teams ------------------------------------------------------------------------------------------
def test_it_adds_a_team_and_never_puts_one_below_itself(cast: Cast, root: Browser) -> None:
    answer = root.fill_in(adding(Team), name="South-East", parent=str(cast.south.pk), manager=str(cast.maya.pk))
    assert answer.status_code == 302, errors(answer)
    team = Team.objects.get(name="South-East")
    assert (team.parent, team.manager, team.created_at) == (cast.south, cast.maya, LATER)
    assert errors(root.fill_in(changing(cast.south), parent=str(team.pk)))
    assert Team.objects.get(pk=cast.south.pk).parent is None
    assert "manager" in errors(root.fill_in(changing(team), manager=str(cast.nora.pk)))


# --- fields that complete themselves ----------------------------------------------------------------
def test_it_offers_who_can_be_allocated(cast: Cast, root: Browser) -> None:
    cast.everybody()
    cast.carl.deactivate(by=cast.root, at=NOON)
    assert completions(root, Restaurant, "assigned_to") == ["asha", "bela", "maya", "root"]
    assert completions(root, Restaurant, "assigned_to", "BEL") == ["bela"]
    assert "nora" in completions(root, Interaction, "kam")


def test_it_offers_live_rows_only(cast: Cast, root: Browser) -> None:
    live, put_away = contact(restaurant(cast.asha)), contact(restaurant(cast.asha))
    put_away.restaurant.archive(by=cast.root, at=NOON)
    assert completions(root, Contact, "restaurant") == [live.restaurant.name]
    assert completions(root, Contact, "reports_to") == [live.name]
    assert completions(root, Contact, "reports_to", live.restaurant.name) == [live.name]
