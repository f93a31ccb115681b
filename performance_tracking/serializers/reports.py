from __future__ import annotations

from typing import ClassVar

from rest_framework import serializers

from common.api.fields import Choice, Flag, Moment, Whole
from common.api.schema import example
from common.api.serializers import RowSerializer, StrictSerializer
from interaction_tracking.choices import InteractionType
from performance_tracking.models import Account, OrderRhythm
from performance_tracking.serializers.accounts import Figure, OrderRhythmSerializer


class ChangeSerializer(StrictSerializer):
    """How much more, or less, than then."""

    orders = Whole(read_only=True)
    revenue = Figure(read_only=True)
    average_order_value = Figure(read_only=True, allow_null=True)
    calls = Whole(read_only=True)
    visits = Whole(read_only=True)
    response_days = Figure(read_only=True, allow_null=True)


@example(
    adds={
        "month": "2024-11-01",
        "is_over": True,
        "orders": 4,
        "revenue": 1840.00,
        "average_order_value": 460.00,
        "calls": 5,
        "visits": 1,
        "response_days": 2.5,
        "against_previous_month": {
            "orders": -1,
            "revenue": -210.50,
            "average_order_value": 49.90,
            "calls": 0,
            "visits": 1,
            "response_days": -0.5,
        },
        "against_year_before": None,
    }
)
class TrendSerializer(StrictSerializer):
    words: ClassVar = {
        "month": "Its first day, by the calendar of the organisation's zone.",
        "is_over": "False for this month, which is compared with nothing yet.",
        "orders": "Orders that happened.",
        "revenue": "The `total_price` of those orders; an order without details adds nothing.",
        "average_order_value": "Revenue by orders; null without orders.",
        "calls": "Calls that were made and reached somebody.",
        "visits": "Visits that were made.",
        "response_days": (
            "Days from the last call or visit to an order, where these were at most 30, on average; null where no "
            "order followed one."
        ),
        "against_previous_month": "This month less the one before; null where nothing had happened by then.",
        "against_year_before": "This month less that of the year before; null where nothing had happened by then.",
    }
    month = serializers.DateField(read_only=True)
    is_over = Flag(read_only=True)
    orders = Whole(read_only=True)
    revenue = Figure(read_only=True)
    average_order_value = Figure(read_only=True, allow_null=True)
    calls = Whole(read_only=True)
    visits = Whole(read_only=True)
    response_days = Figure(read_only=True, allow_null=True)
    against_previous_month = ChangeSerializer(read_only=True, allow_null=True)
    against_year_before = ChangeSerializer(read_only=True, allow_null=True)


class RhythmSerializer(OrderRhythmSerializer):
    """Of the account that is shown: without its id and name."""

    restaurant_id = None  # type: ignore[assignment] # as DRF leaves out a field
    name = None  # type: ignore[assignment]

    class Meta:
        model = OrderRhythm
        fields = OrderRhythmSerializer.Meta.fields[2:]
        read_only_fields = OrderRhythmSerializer.Meta.read_only_fields


class ScoreSerializer(StrictSerializer):
    words: ClassVar = {
        "score": "From 1 to 5: in which fifth of the accounts it is, 5 the best.",
        "value": "What is scored.",
        "thresholds": "The last value of each fifth but the highest.",
        "accounts": "How many accounts the thresholds rest on.",
    }
    score = Whole(read_only=True)
    value = Figure(read_only=True)
    thresholds = serializers.ListField(child=Figure(), read_only=True)
    accounts = Whole(read_only=True)


class ScoresSerializer(StrictSerializer):
    words: ClassVar = {
        "recency": "Days since the last order; fewer is better.",
        "frequency": "Orders of this month and the eleven before it.",
        "monetary": "Revenue of this month and the eleven before it.",
    }
    recency = ScoreSerializer(read_only=True)
    frequency = ScoreSerializer(read_only=True)
    monetary = ScoreSerializer(read_only=True)


class LastContactSerializer(StrictSerializer):
    words: ClassVar = {"contact": "Whom we met, by name.", "kam": "Who of us it was, by username."}
    id = Whole(read_only=True)
    date = Moment(read_only=True)
    interaction_type = Choice(choices=InteractionType.choices, read_only=True)
    contact = serializers.CharField(read_only=True, allow_null=True)
    kam = serializers.CharField(read_only=True, allow_null=True)


class ShareSerializer(StrictSerializer):
    words: ClassVar = {
        "month": "The last one that is over.",
        "revenue": "What it brought.",
        "share": "Of `potential_revenue`: 1 is all of it.",
    }
    month = serializers.DateField(read_only=True)
    revenue = Figure(read_only=True)
    share = Figure(read_only=True)


@example(
    adds={
        "id": 1,
        "name": "The Great Restaurant",
        "lead_status": "CONVERTED",
        "potential_revenue": 4000.00,
        "cuisine_type": "Italian",
        "restaurant_type": None,
        "assigned_to": 1,
        "version": 3,
        "rhythm": {
            "state": "LATE",
            "cycles": 1.71,
            "last_order_on": "2024-12-16",
            "expected_next_order": "2024-12-23",
            "cycle_days": 7.0,
            "borrowed": False,
            "median_days": 7.0,
            "spread_days": 1.48,
            "gaps": 12,
        },
        "months": [],
        "rfm": {
            "recency": {"score": 3, "value": 12, "thresholds": [2, 5, 12, 40], "accounts": 210},
            "frequency": {"score": 5, "value": 48, "thresholds": [3, 9, 20, 41], "accounts": 210},
            "monetary": {"score": 4, "value": 21480.00, "thresholds": [900, 3200, 9000, 24000], "accounts": 210},
        },
        "last_contact": {
            "id": 17,
            "date": "2024-12-20T15:30:00Z",
            "interaction_type": "CALL",
            "contact": "John Doe",
            "kam": "asha",
        },
        "share_of_potential": {"month": "2024-11-01", "revenue": 1840.00, "share": 0.46},
    }
)
class PortraitSerializer(RowSerializer):
    words: ClassVar = {
        "assigned_to": "The id of who has it; null is the pool.",
        "rhythm": "How often it orders; null before its first order.",
        "months": "What each of the last 13 months brought, this one first.",
        "rfm": "How recently, how often and for how much it orders, against all accounts; null before its first order.",
        "last_contact": "The last call, visit, meeting, e-mail or message that reached somebody.",
        "share_of_potential": "What the last month that is over brought of its potential; null where none is known.",
    }
    rhythm = RhythmSerializer(read_only=True, allow_null=True)
    months = TrendSerializer(many=True, read_only=True)
    rfm = ScoresSerializer(read_only=True, allow_null=True)
    last_contact = LastContactSerializer(read_only=True, allow_null=True)
    share_of_potential = ShareSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Account
        fields = (
            "id",
            "name",
            "lead_status",
            "potential_revenue",
            "cuisine_type",
            "restaurant_type",
            "assigned_to",
            "version",
            "rhythm",
            "months",
            "rfm",
            "last_contact",
            "share_of_potential",
        )
        read_only_fields = fields


class AccountRowSerializer(RowSerializer):
    """What of a portrait stands in the row itself."""

    class Meta:
        model = Account
        fields = PortraitSerializer.Meta.fields[:8]
        read_only_fields = fields


@example(
    adds={
        "kam": 1,
        "username": "asha",
        "team": 1,
        "portfolio": 42,
        "accounts": 17,
        "due": 96,
        "done": 88,
        "missed": 7,
        "on_day": 84,
        "on_day_rate": 0.884,
        "revenue_this_month": 9200.00,
        "revenue_last_month": 21400.00,
        "revenue_trend": -1250.50,
    }
)
class SummarySerializer(StrictSerializer):
    words: ClassVar = {
        "kam": "The id of the person.",
        "portfolio": "How many restaurants they have.",
        "accounts": "How many of these are converted.",
        "due": "Calls of their restaurants that plans asked for in these days, as `planned` of `/call/compliance/`.",
        "done": "Those that were made, without those that were tried to the end and reached nobody.",
        "missed": "Those that were not made on their day.",
        "on_day": "Those that were made by the end of the day on which they were due, by the person's clock.",
        "on_day_rate": "`on_day` of `done` and `missed` together; null where there is neither.",
        "revenue_this_month": "Of their restaurants, until now.",
        "revenue_trend": "Last month less the one before.",
    }
    kam = Whole(read_only=True)
    username = serializers.CharField(read_only=True)
    team = Whole(read_only=True, allow_null=True)
    portfolio = Whole(read_only=True)
    accounts = Whole(read_only=True)
    due = Whole(read_only=True)
    done = Whole(read_only=True)
    missed = Whole(read_only=True)
    on_day = Whole(read_only=True)
    on_day_rate = Figure(read_only=True, allow_null=True)
    revenue_this_month = Figure(read_only=True)
    revenue_last_month = Figure(read_only=True)
    revenue_trend = Figure(read_only=True)
