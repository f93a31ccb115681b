"""`DELETE /track/interactions/{id}/`: out of lists and counts, and kept."""

import pytest

from interaction_tracking.models import Interaction, Order
from tests.cast import NOON, Cast, api, contact, interaction, restaurant
from tests.interaction_tracking.test_record import ORDER

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def row(cast: Cast) -> Interaction:
    return interaction(contact(restaurant(cast.asha)), order=ORDER)


def counts(cast: Cast) -> tuple[int, int, int]:
    """How many interactions are listed, how many orders, and how many order patterns count."""
    caller = api(cast.asha)
    patterns = caller.get("/performance/order-patterns/").json()
    return (
        len(caller.get("/track/interactions/").json()),
        len(caller.get("/track/interactions/orders/").json()),
        sum(pattern["orders_this_month"] for pattern in patterns),
    )


def test_it_answers_as_published_and_leaves_lists_and_counts(cast: Cast, row: Interaction) -> None:
    assert counts(cast) == (1, 1, 1)
    answer = api(cast.asha).delete(f"/track/interactions/{row.pk}/")
    assert (answer.status_code, answer.json()) == (200, {"message": "Interaction deleted successfully."})
    assert counts(cast) == (0, 0, 0)


def test_it_is_gone_for_every_verb_and_kept_in_the_database(cast: Cast, row: Interaction) -> None:
    path = f"/track/interactions/{row.pk}/"
    api(cast.asha).delete(path)
    caller = api(cast.root)
    answers = [
        caller.get(path),
        caller.patch(path, {"details": "x"}),
        caller.delete(path),
        caller.get(f"{path}order_details/"),
        caller.put(f"{path}order_details/", ORDER),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert Interaction.objects.get().archived_at == NOON
    assert Order.objects.get().quantity == 50


def test_it_can_be_restored(cast: Cast, row: Interaction) -> None:
    api(cast.asha).delete(f"/track/interactions/{row.pk}/")
    row.refresh_from_db()
    row.restore(by=cast.root, at=NOON)
    assert counts(cast) == (1, 1, 1)


def test_it_is_deleted_by_who_may_change_it(cast: Cast, row: Interaction) -> None:
    path = f"/track/interactions/{row.pk}/"
    assert [api(caller).delete(path).status_code for caller in (cast.bela, cast.carl, cast.nora)] == [404, 404, 403]
    assert api().delete(path).status_code == 401
    assert Interaction.objects.get().archived_at is None
    assert api(cast.maya).delete(path).status_code == 200
