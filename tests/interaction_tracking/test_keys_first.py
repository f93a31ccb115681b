"""A KAM's page of interactions is found by its keys, and only its rows are read, in one statement."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kams.models import User
from tests.cast import Cast, api, contact, interaction, restaurant

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/track/interactions/"


def keys_first(caller: User, query: str = "") -> bool:
    """Whether the statement of the page cuts the keys, rather than the rows, to the size of the page."""
    call = api(caller)
    with CaptureQueriesContext(connection) as asked:
        assert len(call.get(PATH + query).json()) == 1
    statement = asked.captured_queries[-1]["sql"]
    found, _, rest = statement.partition(" IN (SELECT ")
    return "leads_restaurant" not in found and "LIMIT" in rest and not rest.rstrip("; ").endswith("LIMIT 501")


@pytest.mark.parametrize("query", ["", "?ordering=date", "?date_after=2024-01-01T00:00:00Z"])
def test_it_finds_the_keys_first_where_a_kams_restaurants_are_gathered(cast: Cast, query: str) -> None:
    row = interaction(contact(restaurant(cast.asha)))
    at_once = not connection.features.allow_sliced_subqueries_with_in
    assert keys_first(cast.asha, query) is not at_once
    # One restaurant, and everybody's, are a range of an index already.
    assert not keys_first(cast.asha, f"?lead={row.lead_id}")
    assert not keys_first(cast.root, query)
