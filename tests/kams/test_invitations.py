"""`/kam/invitations/`: a manager's or admin's word that somebody may sign up."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from kams.models import Invitation, Team, User
from tests.cast import NOON, Cast, api
from tests.kams.conftest import Mails
from tests.paging import ids, pages

NEW = "new@kams.example"


def invite(by: User, **given: Any) -> Any:
    return api(by).post("/kam/invitations/", {"email": NEW, **given})


def below(team: Team) -> Team:
    found: Team = Team.objects.create(name=f"Below {team}", parent=team)
    return found


def test_it_invites_and_mails_the_secret(cast: Cast, mails: Mails) -> None:
    answer, sent = mails(lambda: invite(cast.root, email="New@Kams.Example", role="MANAGER", team=cast.north.pk))
    assert answer.status_code == 201
    row = Invitation.objects.get()
    assert answer.json() == {
        "id": row.pk,
        "email": NEW,
        "role": "MANAGER",
        "team": cast.north.pk,
        "invited_by": cast.root.pk,
        "expires_at": "2025-01-11T12:00:00Z",
        "accepted_at": None,
        "created_at": "2024-12-28T12:00:00Z",
        "updated_at": "2024-12-28T12:00:00Z",
        "version": 1,
    }
    assert answer["Location"].endswith(f"/kam/invitations/{row.pk}/")
    (message,) = sent
    assert (message.to, message.subject) == ([NEW], "Your invitation")
    assert "http://127.0.0.1:8000/sign-up?invitation=" in str(message.body)
    assert row.secret not in answer.content.decode()


def test_it_lets_a_manager_invite_kams_into_their_teams(cast: Cast) -> None:
    team = below(cast.south)
    assert cast.maya
    assert invite(cast.maya, team=team.pk).status_code == 201
    assert invite(cast.maya, team=cast.south.pk, role="KAM").status_code == 201


@pytest.mark.parametrize("role", ["MANAGER", "ADMIN", "ANALYST"])
def test_it_lets_a_manager_give_no_other_role(cast: Cast, role: str) -> None:
    answer = invite(cast.maya, team=cast.south.pk, role=role)
    assert answer.status_code == 403
    assert list(answer.json()["errors"]) == ["role"]
    assert not Invitation.objects.exists()


def test_it_lets_a_manager_invite_into_no_other_team(cast: Cast) -> None:
    assert cast.maya
    foreign, missing = invite(cast.maya, team=cast.north.pk), invite(cast.maya, team=10**6)
    assert foreign.status_code == missing.status_code == 400
    assert foreign.json()["errors"]["team"] == [f"There is no row with the id {cast.north.pk}."]
    none = invite(cast.maya)
    assert none.status_code == 403
    assert list(none.json()["errors"]) == ["team"]
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("who", ["asha", "nora"])
def test_it_lets_nobody_else_invite(cast: Cast, who: str) -> None:
    assert invite(getattr(cast, who), team=cast.south.pk).status_code == 403
    assert api(getattr(cast, who)).get("/kam/invitations/").json() == []


def test_it_does_not_invite_who_is_here(cast: Cast) -> None:
    assert cast.asha
    answer = invite(cast.root, email="ASHA@kams.example")
    assert answer.status_code == 409
    assert answer.json()["code"] == "already_exists"


def test_it_invites_nobody_where_sign_up_is_closed(cast: Cast, settings: Any) -> None:
    settings.SIGN_UP = "closed"
    assert invite(cast.root).status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "x"),
        ("email", None),
        ("email", ["a@b.example"]),
        ("email", "a@b.example\r\nBcc: c@d.example"),
        ("role", "KING"),
        ("role", "kam"),
        ("team", "1"),
        ("team", 1.5),
        ("team", True),
        ("team", 2**70),
        ("token", "x"),
    ],
)
def test_it_names_the_field_that_is_wrong(cast: Cast, field: str, value: Any) -> None:
    answer = invite(cast.root, **{field: value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert not Invitation.objects.exists()


def test_it_lists_a_managers_own_and_an_admins_all(cast: Cast) -> None:
    own = Invitation.objects.add(by=cast.maya, at=NOON, email="a@kams.example", team=cast.south)
    other = Invitation.objects.add(by=cast.root, at=NOON, email="b@kams.example")
    assert [row["id"] for row in api(cast.maya).get("/kam/invitations/").json()] == [own.pk]
    assert [row["id"] for row in api(cast.root).get("/kam/invitations/").json()] == [other.pk, own.pk]
    assert api(cast.maya).get(f"/kam/invitations/{own.pk}/").status_code == 200
    assert api(cast.maya).get(f"/kam/invitations/{other.pk}/").status_code == 404
    assert api(cast.maya).delete(f"/kam/invitations/{other.pk}/").status_code == 404
    assert "secret" not in api(cast.root).get(f"/kam/invitations/{own.pk}/").content.decode()


def test_it_withdraws(cast: Cast) -> None:
    row = Invitation.objects.add(by=cast.maya, at=NOON, email=NEW, team=cast.south)
    assert api(cast.maya).delete(f"/kam/invitations/{row.pk}/").status_code == 204
    row.refresh_from_db()
    assert row.archived_at == NOON
    assert api(cast.maya).get(f"/kam/invitations/{row.pk}/").status_code == 404
    assert api(cast.maya).delete(f"/kam/invitations/{row.pk}/").status_code == 404
    assert not Invitation.objects.opened_by(row.secret, at=NOON).exists()


def test_it_does_not_withdraw_what_was_accepted(cast: Cast) -> None:
    row = Invitation.objects.add(by=cast.root, at=NOON, email=NEW)
    row.accept(at=NOON, username="new", password="staple battery horse")
    answer = api(cast.root).delete(f"/kam/invitations/{row.pk}/")
    assert answer.status_code == 409
    assert answer.json()["code"] == "invitation_used"


def test_it_offers_no_change(cast: Cast) -> None:
    row = Invitation.objects.add(by=cast.root, at=NOON, email=NEW)
    for method in ("PUT", "PATCH"):
        assert api(cast.root)(method, f"/kam/invitations/{row.pk}/", {"role": "ADMIN"}).status_code == 405


def test_it_invites_once_for_one_key(cast: Cast, mails: Mails) -> None:
    caller, body = api(cast.root), {"email": NEW}
    first, sent = mails(lambda: caller.post("/kam/invitations/", body, Idempotency_Key="a"))
    again, sent_again = mails(lambda: caller.post("/kam/invitations/", body, Idempotency_Key="a"))
    assert again["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert (len(sent), len(sent_again)) == (1, 0)
    assert Invitation.objects.count() == 1


def test_it_walks_the_pages(cast: Cast) -> None:
    made = [Invitation.objects.add(by=cast.root, at=NOON, email=f"n{number}@kams.example").pk for number in range(7)]
    found = pages(api(cast.root), "/kam/invitations/?page_size=3")
    assert [ids(page) for page in found] == [made[:3:-1], made[3:0:-1], made[:1]]


def test_it_keeps_the_invitation_until_the_mail_server_is_back(
    cast: Cast, mails: Mails, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def down(*_: Any) -> None:
        raise ConnectionRefusedError("nobody listens")

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "open", down)
        answer, sent = mails(lambda: invite(cast.root))
    assert (answer.status_code, sent) == (201, [])
    assert "The mail server is away: nobody listens" in caplog.text
    assert Invitation.objects.get().secret not in caplog.text
    assert len(mails(lambda: None)[1]) == 0  # what waited went first
    assert [message.to for message in mail.outbox] == [[NEW]]


@pytest.mark.parametrize("rows", [3, 30])
def test_it_lists_with_two_queries(cast: Cast, rows: int, django_assert_num_queries: Any) -> None:
    for number in range(rows):
        Invitation.objects.add(by=cast.root, at=NOON, email=f"n{number}@kams.example")
    caller = api(cast.root)
    with django_assert_num_queries(2):
        assert len(caller.get("/kam/invitations/").json()) == rows


def test_it_is_good_for_the_days_of_the_setting(cast: Cast, settings: Any) -> None:
    settings.INVITATION_DAYS = 2
    invite(cast.root)
    assert Invitation.objects.get().expires_at == NOON + timedelta(days=2)
