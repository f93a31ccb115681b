"""`GET` and `PUT /track/interactions/{id}/order_details/`."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from interaction_tracking.models import Interaction, Order
from tests.cast import Cast, api, contact, interaction, restaurant
from tests.interaction_tracking.test_record import ORDER

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def row(cast: Cast) -> Interaction:
    return interaction(contact(restaurant(cast.asha)))


def path_of(row: Interaction) -> str:
    return f"/track/interactions/{row.pk}/order_details/"


def test_it_shows_what_was_ordered(cast: Cast) -> None:
    row = interaction(contact(restaurant(cast.asha)), order={**ORDER, "total_price": Decimal("0.10")})
    answer = api(cast.asha).get(path_of(row))
    assert answer.status_code == 200
    assert answer.json() == {**ORDER, "total_price": 0.1, "order_date": "2024-12-28T12:00:00Z"}
    assert b'"total_price":0.10,' in answer.content


def test_it_is_not_there_without_details(cast: Cast) -> None:
    flagged = interaction(contact(restaurant(cast.asha)), interaction_type="ORDER")
    assert api(cast.asha).get(path_of(flagged)).status_code == 404
    assert api(cast.asha).get("/track/interactions/999999/order_details/").status_code == 404


def test_it_writes_what_was_ordered_and_flags_the_interaction(cast: Cast, row: Interaction) -> None:
    answer = api(cast.asha).put(path_of(row), ORDER)
    assert (answer.status_code, answer.json()) == (200, {**ORDER, "order_date": "2024-12-28T12:00:00Z"})
    row.refresh_from_db()
    assert (row.order_placed, row.interaction_type, row.version) == (True, "CALL", 2)
    assert Order.objects.get().total_price == Decimal("500.00")


def test_it_writes_again_and_keeps_the_date_that_is_left_out(cast: Cast, row: Interaction) -> None:
    caller = api(cast.asha)
    caller.put(path_of(row), {**ORDER, "order_date": "2024-12-25T12:00:00+05:30"})
    answer = caller.put(path_of(row), {**ORDER, "quantity": 1, "total_price": 0})
    assert answer.json() == {**ORDER, "quantity": 1, "total_price": 0, "order_date": "2024-12-25T06:30:00Z"}
    order = Order.objects.get()
    assert (order.quantity, order.total_price) == (1, Decimal("0.00"))
    row.refresh_from_db()
    assert row.version == 3
    caller.put(path_of(row), answer.json())  # as it is
    row.refresh_from_db()
    assert row.version == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quantity", 0),
        ("quantity", 1.0),
        ("total_price", -1),
        ("total_price", "1"),
        ("total_price", 10_000_000_000),
        ("product_details", ""),
        ("order_date", None),
        ("order_date", "2024-12-25"),
        ("price", 1),
    ],
)
def test_it_names_the_field_that_is_wrong(cast: Cast, row: Interaction, name: str, value: object) -> None:
    answer = api(cast.asha).put(path_of(row), {**ORDER, name: value})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
    row.refresh_from_db()
    assert (row.order_placed, Order.objects.count()) == (False, 0)


@pytest.mark.parametrize("name", sorted(ORDER))
def test_it_needs_each_of_three_fields(cast: Cast, row: Interaction, name: str) -> None:
    without = {key: value for key, value in ORDER.items() if key != name}
    answer = api(cast.asha).put(path_of(row), without)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])


def test_it_is_seen_and_written_with_the_restaurant(cast: Cast, row: Interaction) -> None:
    written, seen = {}, {}
    for name, user in cast.everybody().items():
        written[name] = api(user).put(path_of(row), {**ORDER, "product_details": name}).status_code
        seen[name] = api(user).get(path_of(row)).status_code
    assert written == {"root": 200, "asha": 200, "bela": 404, "carl": 404, "maya": 200, "nora": 403}
    assert seen == {**written, "nora": 200}
    assert Order.objects.get().product_details == "maya"
    assert api().put(path_of(row), ORDER).status_code == 401


def test_it_keeps_every_digit_of_an_amount(cast: Cast, row: Interaction) -> None:
    caller, path = api(cast.asha), path_of(row)

    @settings(suppress_health_check=list(HealthCheck))
    @example(amount=Decimal("0.10"))
    @example(amount=Decimal("99999999.99"))
    @example(amount=Decimal("9999999999.99"))
    @example(amount=Decimal("1234567890.07"))
    @given(amount=st.decimals(min_value=0, max_value=9_999_999_999, places=2))
    def round_trip(amount: Decimal) -> None:
        body = f'{{"product_details": "A", "quantity": 1, "total_price": {amount}}}'
        answer = caller.put(path, body)
        assert answer.status_code == 200
        assert Order.objects.get().total_price == amount
        for shown in (answer, caller.get(path), caller.get(f"/track/interactions/{row.pk}/")):
            assert f'"total_price":{amount},'.encode() in shown.content

    round_trip()
