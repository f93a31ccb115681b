"""`DELETE /contact/contacts/{id}/`: the person is put away, and what they took part in stays."""

import pytest

from contact.models import Contact
from tests.cast import NOON, Cast, api, contact, interaction, restaurant

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def row(cast: Cast) -> Contact:
    return contact(restaurant(cast.asha))


def test_it_disappears_and_can_be_deleted_once(cast: Cast, row: Contact) -> None:
    path = f"/contact/contacts/{row.pk}/"
    answer = api(cast.asha).delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert api(cast.root).get(path).status_code == 404
    assert api(cast.root).get("/contact/contacts/").json() == []
    assert api(cast.root).delete(path).status_code == 404
    assert Contact.objects.get().archived_at == NOON


def test_it_stays_the_contact_of_its_interactions(cast: Cast, row: Contact) -> None:
    call = interaction(row)
    api(cast.asha).delete(f"/contact/contacts/{row.pk}/")
    assert api(cast.asha).get(f"/track/interactions/{call.pk}/").json()["contact"] == row.pk
    listed = api(cast.asha).get(f"/track/interactions/?contact={row.pk}").json()
    assert [one["id"] for one in listed] == [call.pk]


def test_it_is_no_contact_of_new_interactions(cast: Cast, row: Contact) -> None:
    api(cast.asha).delete(f"/contact/contacts/{row.pk}/")
    body = {"lead": row.restaurant_id, "contact": row.pk, "interaction_type": "CALL", "details": "Rang."}
    answer = api(cast.asha).post("/track/interactions/", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["contact"])


def test_it_is_put_away_by_who_may_change_it(cast: Cast, row: Contact) -> None:
    path = f"/contact/contacts/{row.pk}/"
    assert [api(caller).delete(path).status_code for caller in (cast.bela, cast.carl, cast.nora)] == [404, 404, 403]
    assert api().delete(path).status_code == 401
    assert Contact.objects.get().archived_at is None
    assert api(cast.maya).delete(path).status_code == 204
