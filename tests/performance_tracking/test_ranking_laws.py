"""Rankings against Python: who is in, and in which order, for any restaurants and any thresholds."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.models import Restaurant
from tests.cast import Cast, api, restaurant
from tests.paging import ids, pages

pytestmark = pytest.mark.usefixtures("noon")

STATUSES = ["NEW", "CONVERTED", "LOST", "INACTIVE"]
amounts = st.sampled_from(["0.00", "0.01", "99.99", "100.00", "9999.99", "10000.00", "10000.01"]).map(Decimal)
thresholds = st.none() | amounts
portfolios = st.lists(st.tuples(st.sampled_from(STATUSES), st.none() | amounts), max_size=8)


def is_between(amount: Decimal | None, low: Decimal, high: Decimal) -> bool:
    return amount is not None and low <= amount <= high


@pytest.mark.parametrize("size", [1, 500])
def test_it_ranks_as_python_would(cast: Cast, size: int) -> None:
    caller = api(cast.asha)

    def ranked(kind: str, low: Decimal | None, high: Decimal | None) -> list[int]:
        bounds = {"min_revenue": low, "max_revenue": high, "page_size": size}
        query = "&".join(f"{name}={value}" for name, value in bounds.items() if value is not None)
        rows: list[dict[str, Any]] = [
            row for page in pages(caller, f"/performance/{kind}-accounts/?{query}") for row in page
        ]
        return ids(rows)

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(portfolio=portfolios, low=thresholds, high=thresholds)
    def law(portfolio: list[tuple[str, Decimal | None]], low: Decimal | None, high: Decimal | None) -> None:
        Restaurant.objects.update(assigned_to=None)  # those of the example before are the pool's
        made = [restaurant(cast.asha, lead_status=status, potential_revenue=amount) for status, amount in portfolio]
        least, most = Decimal(10_000) if low is None else low, Decimal(10**8) if high is None else high
        performing = [
            (row.potential_revenue, row.pk)
            for row in made
            if row.lead_status == "CONVERTED" and is_between(row.potential_revenue, least, most)
        ]
        assert ranked("performing", low, high) == [pk for _, pk in sorted(performing, reverse=True)]
        least, below = Decimal(0) if low is None else low, Decimal(10_000) if high is None else high
        underperforming = [
            (row.potential_revenue, row.pk)
            for row in made
            if row.lead_status in {"NEW", "LOST"} and is_between(row.potential_revenue, least, below - Decimal("0.01"))
        ]
        assert ranked("underperforming", low, high) == [pk for _, pk in sorted(underperforming)]

    law()
