from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.rows import reader_for
from common.api.serializers import StrictSerializer
from common.api.views import ResourceViewSet
from interaction_tracking.filters import InteractionFilter
from interaction_tracking.models import Interaction, Order
from interaction_tracking.serializers import InteractionSerializer, OrderSerializer


class InteractionViewSet(ResourceViewSet):
    scope = "interactions"
    queryset = Interaction.objects.none()
    serializer_class = InteractionSerializer
    filterset_class = InteractionFilter
    ordering_fields = ("id", "date", "created_at")
    ordering = "-date"
    opened_by: ClassVar = frozenset({"lead", "contact", "call_plan"})
    farewell: ClassVar = {"message": "Interaction deleted successfully."}

    def get_queryset(self) -> Any:
        rows = Interaction.objects
        seen = rows.listed_for(self.person) if self.lists_portfolio else rows.visible_to(self.person)
        return seen.with_participants()

    def listed(self) -> Any:
        interactions: Any = super().listed()
        return interactions.orders() if self.action == "orders" else interactions

    def get_lockable(self) -> Any:
        return Interaction.objects.visible_to(self.person)

    @property
    def gathers(self) -> bool:  # type: ignore[override] # for some callers, not for all
        """A KAM's page is gathered from the timelines of all their restaurants, and lies apart in the table."""
        return self.lists_portfolio and bool(self.person.is_kam)

    def of_keys(self, keys: QuerySet[Any]) -> QuerySet[Any]:
        return Interaction.objects.of_keys(keys).with_participants()

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        given = self.given()
        return self.made(Interaction.objects.add(by=self.person, at=self.now, held=True, **given))

    @extend_schema(summary="List the interactions that brought an order")
    @action(detail=False)
    def orders(self, request: Request) -> Response:
        """Newest first."""
        return self.page()

    @extend_schema(summary="Show an interaction's order", responses=OrderSerializer)
    @action(detail=True, methods=["get"])
    def order_details(self, request: Request, pk: str) -> Response:
        """What was ordered. 404 when the interaction has no order details."""
        record = reader_for(OrderSerializer).one(Order.objects.of(pk, among=self.get_queryset()))
        if record is None:
            raise NotFound
        return Response(record)

    @extend_schema(summary="Set an interaction's order", request=OrderSerializer, responses=OrderSerializer)
    @order_details.mapping.put
    def set_order_details(self, request: Request, pk: str) -> Response:
        """Write what was ordered; the interaction then has placed an order."""
        interaction, given = self.locked(), self.given(shape=OrderSerializer)
        interaction.write_order(by=self.person, at=self.now, **given)
        return self.order_details(request, pk)  # type: ignore[call-arg] # `mapping` hides the method

    @extend_schema(request=None, summary="Restore a deleted interaction")
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Bring it back into lists and counts. For managers and admins; what was not deleted stays as it is."""
        interaction = self.locked(Interaction.objects.restorable_by(self.person))
        self.given(shape=StrictSerializer)
        interaction.restore(by=self.person, at=self.now)
        return self.shown(interaction.pk)
