"""The peer in stock DRF: ModelViewSet, ModelSerializer, page numbers with COUNT(*), persistent connections."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Coalesce
from django.urls import include, path
from django.utils import timezone
from django_filters import rest_framework as filters
from rest_framework import generics, routers, serializers, viewsets

from benchmarks.peers.shapes import ACCOUNT, COUNTS, INTERACTION, PERFORMS_FROM, PLAN, RESTAURANT
from call_planning.models import CallPlan
from contact.models import Contact
from interaction_tracking.models import Interaction
from leads.models import Restaurant
from performance_tracking.models import Account


def asking(view: Any) -> Any:
    """Who asks: somebody, since nobody else comes in."""
    return view.request.user


class RestaurantSerializer(serializers.ModelSerializer[Any]):
    potential_revenue = serializers.FloatField()

    class Meta:
        model = Restaurant
        fields = RESTAURANT


class PlanSerializer(serializers.ModelSerializer[Any]):
    is_overdue = serializers.BooleanField()
    snoozed_until = serializers.DateTimeField(source="snooze_ends_at")
    snooze_reason = serializers.CharField(source="snoozed_because")

    class Meta:
        model = CallPlan
        fields = (*PLAN, "is_overdue", "snoozed_until", "snooze_reason")


class PatternSerializer(serializers.ModelSerializer[Any]):
    restaurant_id = serializers.IntegerField(source="id")
    orders_last_month = serializers.IntegerField()
    orders_this_month = serializers.IntegerField()

    class Meta:
        model = Account
        fields = ("restaurant_id", "name", "orders_last_month", "orders_this_month")


class AccountSerializer(serializers.ModelSerializer[Any]):
    potential_revenue = serializers.FloatField()

    class Meta:
        model = Account
        fields = ACCOUNT


class InteractionSerializer(serializers.ModelSerializer[Any]):
    lead = serializers.PrimaryKeyRelatedField(queryset=Restaurant.objects.all())
    contact = serializers.PrimaryKeyRelatedField(queryset=Contact.objects.all())
    participants = serializers.SerializerMethodField()
    order = serializers.SerializerMethodField()

    class Meta:
        model = Interaction
        fields = (*INTERACTION, "participants", "order")
        read_only_fields = ("id", "kam", "call_plan", "due_at", "created_at", "updated_at", "version")

    def get_participants(self, row: Interaction) -> list[int]:
        return []  # a new one has none

    def get_order(self, row: Interaction) -> None:
        return None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        lead, contact = attrs["lead"], attrs["contact"]
        person = self.context["request"].user
        if contact.restaurant_id != lead.pk or not Restaurant.objects.visible_to(person).filter(pk=lead.pk).exists():
            raise serializers.ValidationError
        return attrs


class ChangedInteractionSerializer(InteractionSerializer):
    def get_participants(self, row: Interaction) -> list[int]:
        return list(row.participants.order_by("pk").values_list("pk", flat=True))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return attrs  # whose restaurant it is was asked for with the row


class RestaurantFilter(filters.FilterSet):
    status = filters.CharFilter(field_name="lead_status")

    class Meta:
        model = Restaurant
        fields = ("status", "city", "state", "cuisine_type", "restaurant_type", "assigned_to")


class RestaurantViewSet(viewsets.ModelViewSet[Any]):
    serializer_class = RestaurantSerializer
    filterset_class = RestaurantFilter
    search_fields: ClassVar = ("name", "city", "contact_person", "email", "phone")

    def get_queryset(self) -> Any:
        rows = Restaurant.objects
        seen = rows.listed_for(asking(self)) if self.action == "list" else rows.visible_to(asking(self))
        return seen.order_by("pk")


class InteractionViewSet(viewsets.ModelViewSet[Any]):
    def get_serializer_class(self) -> Any:
        return ChangedInteractionSerializer if self.action == "partial_update" else InteractionSerializer

    def get_queryset(self) -> Any:
        return Interaction.objects.visible_to(asking(self))

    def perform_create(self, serializer: Any) -> None:
        now = timezone.now()
        row = Interaction(**serializer.validated_data, kam=asking(self), created_at=now, updated_at=now)
        # The model's own `save` writes a history; the peer writes the row and no more.
        serializer.instance = Interaction.objects.bulk_create([row])[0]

    def perform_update(self, serializer: Any) -> None:
        said = {**serializer.validated_data, "updated_at": timezone.now(), "version": F("version") + 1}
        Interaction.objects.filter(pk=serializer.instance.pk).update(**said)
        serializer.instance.refresh_from_db()


class TodayView(generics.ListAPIView[Any]):
    serializer_class = PlanSerializer

    def get_queryset(self) -> Any:
        person, now = asking(self), timezone.now()
        rows = CallPlan.objects.listed_for(person).due_today(at=now, zone=person.zone)
        shown = rows.with_overdue(at=now, zone=person.zone).with_snooze(at=now)
        return shown.order_by("next_call_date", "pk")


class PatternsView(generics.ListAPIView[Any]):
    serializer_class = PatternSerializer
    ordering_fields: ClassVar = ("id", "orders_this_month")

    def get_queryset(self) -> Any:
        zone = ZoneInfo(settings.TIME_ZONE)
        rows = Account.objects.listed_for(asking(self)).with_order_counts(at=timezone.now(), zone=zone)
        rows = rows.annotate(**{name: Coalesce(name, 0) for name in COUNTS})  # ours shows no month as 0
        return rows.order_by("pk")


class PerformingView(generics.ListAPIView[Any]):
    serializer_class = AccountSerializer
    ordering_fields: ClassVar = ("potential_revenue", "id")

    def get_queryset(self) -> Any:
        rows = Account.objects.listed_for(asking(self)).performing(revenue=Decimal(PERFORMS_FROM))
        return rows.order_by("-potential_revenue", "-pk")


router = routers.SimpleRouter()
router.register("lead/restaurants", RestaurantViewSet, basename="restaurant")
router.register("track/interactions", InteractionViewSet, basename="interaction")
urlpatterns = [
    path("call/today/", TodayView.as_view()),
    path("performance/order-patterns/", PatternsView.as_view()),
    path("performance/performing-accounts/", PerformingView.as_view()),
    path("", include(router.urls)),
]
