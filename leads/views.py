from __future__ import annotations

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.history import HistoryViewSet
from common.api.serializers import StrictSerializer
from common.api.views import Archives, Creates, Lists, ResourceViewSet, RowsView, Shows
from leads.briefs import briefs_of
from leads.filters import CollaborationFilter, CoverFilter, RestaurantFilter
from leads.models import Allocation, Collaboration, Cover, Restaurant, StatusChange, suggestions_for
from leads.serializers import (
    AllocateSerializer,
    AllocationSerializer,
    BriefSerializer,
    BulkAllocateSerializer,
    ChangeStatusSerializer,
    CollaborationSerializer,
    CoverSerializer,
    HandOverSerializer,
    RestaurantSerializer,
    StatusChangeSerializer,
    SuggestionSerializer,
)


class RestaurantViewSet(ResourceViewSet):
    scope = "leads"
    queryset = Restaurant.objects.none()
    serializer_class = RestaurantSerializer
    filterset_class = RestaurantFilter
    ordering_fields = ("id", "name", "potential_revenue", "created_at", "updated_at")
    opened_by: ClassVar = frozenset({"assigned_to"})

    def get_queryset(self) -> Any:
        rows = Restaurant.objects
        return rows.listed_for(self.person) if self.lists_portfolio else rows.visible_to(self.person)

    @extend_schema(request=ChangeStatusSerializer, summary="Change the status of a restaurant")
    @action(detail=True, methods=["post"])
    def change_status(self, request: Request, pk: str) -> Response:
        """Take the next status, and write the history. The same status again is no change."""
        restaurant, given = self.locked(), self.given(shape=ChangeStatusSerializer)
        restaurant.change_status(given["status"], by=self.person, at=self.now, reason=given["reason"])
        return self.shown(restaurant.pk)

    @extend_schema(request=AllocateSerializer, summary="Allocate a restaurant")
    @action(detail=True, methods=["post"])
    def allocate(self, request: Request, pk: str) -> Response:
        """Give it to somebody, or to the pool, write the history, and tell who gets it and who loses it.

        Managers and admins allocate to the people they see. A KAM takes from the pool, or gives back to it. Who has it
        already is no change.
        """
        restaurant, given = self.locked(), self.given(shape=AllocateSerializer)
        restaurant.allocate(to=given["to"], by=self.person, at=self.now, reason=given["reason"])
        return self.shown(restaurant.pk)

    @extend_schema(request=None, summary="Claim a restaurant from the pool")
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: str) -> Response:
        """Take it. Of several who try at once one gets it: for the others it is a 409, or gone from their sight."""
        restaurant = self.locked()
        self.given(shape=StrictSerializer)
        restaurant.claim(by=self.person, at=self.now)
        return self.shown(restaurant.pk)

    @extend_schema(
        request=BulkAllocateSerializer, responses=HandOverSerializer, summary="Allocate many restaurants at once"
    )
    @action(detail=False, methods=["post"], url_path="allocate")
    def bulk_allocate(self, request: Request) -> Response:
        """Give restaurants, named by `ids` or found by `filter`, to somebody or to the pool: all of them, or none.

        Whoever gets or loses restaurants is told once, of all of them. With `preview` the answer says what would
        happen, and nothing is changed.
        """
        given = self.given(shape=BulkAllocateSerializer)
        rows, preview = self.chosen(**given), given["preview"]
        how = {"to": given["to"], "by": self.person, "ids": given.get("ids")}
        done = rows.if_allocated(**how) if preview else rows.allocate(**how, at=self.now, reason=given["reason"])
        return Response({"preview": preview, **done.summary()})

    def chosen(self, **given: Any) -> Any:
        """What a body speaks of: a filter looks among what the caller may hand on, ids among what they see."""
        if "filter" in given:
            return given["filter"](Restaurant.objects.allocatable_by(self.person))
        return Restaurant.objects.visible_to(self.person)

    @extend_schema(responses=BriefSerializer, summary="Brief somebody on a restaurant")
    # It tells of every module: no API key has a scope for that.
    @action(detail=True, methods=["get"], scope="")
    def brief(self, request: Request, pk: str) -> Response:
        """What somebody who takes it over has to know: where it stands, who is there, what happened, what is promised.

        Who is given a restaurant receives the same by mail.
        """
        restaurant = get_object_or_404(self.get_queryset().only("pk"), pk=pk)
        return Response({"restaurant": restaurant.pk, "chapters": briefs_of([restaurant.pk])[restaurant.pk]})

    @extend_schema(request=None, summary="Restore an archived restaurant")
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Bring the restaurant back with all it holds. For managers and admins."""
        restaurant = self.locked(Restaurant.objects.archived_for(self.person))
        self.given(shape=StrictSerializer)
        restaurant.restore(by=self.person, at=self.now)
        return self.shown(restaurant.pk)


class StatusHistoryViewSet(HistoryViewSet):
    """The life of one restaurant, newest step first."""

    scope = "leads"
    among = Restaurant.objects
    queryset = StatusChange.objects.none()
    serializer_class = StatusChangeSerializer
    ordering_fields = ("changed_at",)
    ordering = "-changed_at"

    def get_queryset(self) -> Any:
        return StatusChange.objects.visible_to(self.person).of(self.kwargs["pk"])


class AllocationsViewSet(HistoryViewSet):
    """Who had one restaurant from when to when, newest first."""

    among = Restaurant.objects
    queryset = Allocation.objects.none()
    serializer_class = AllocationSerializer
    ordering_fields = ("started_at",)
    ordering = "-started_at"

    def get_queryset(self) -> Any:
        return Allocation.objects.visible_to(self.person).of(self.kwargs["pk"])


class SuggestionsViewSet(RowsView):
    """Who could look after a restaurant."""

    queryset = Restaurant.objects.none()
    serializer_class = SuggestionSerializer
    refusals: ClassVar = frozenset({403})

    def get_queryset(self) -> Any:
        return Restaurant.objects.visible_to(self.person)

    @extend_schema(responses=SuggestionSerializer(many=True), summary="Suggest who could have a restaurant")
    def suggest(self, request: Request, pk: str) -> Response:
        """The KAMs who fit best, at most twenty, best first, each with the reasons.

        Working hours that both have, few restaurants, and others in the same city or state make points. For managers
        and admins, among the people they may allocate to; who has it already is left out.
        """
        restaurant = get_object_or_404(self.get_queryset(), pk=pk)
        return Response([one.record() for one in suggestions_for(restaurant, by=self.person, at=self.now)])


@extend_schema_view(
    create=extend_schema(
        summary="Add a collaborator",
        description=(
            "Lets somebody see the restaurant and work on it as its KAM does; they neither hand it on nor add others. "
            "For who has the restaurant, their manager, and admins. Both are told."
        ),
    ),
    destroy=extend_schema(
        summary="End a collaboration",
        description="For those who add collaborators, and for the collaborator. Both are told; the record is kept.",
    ),
)
class CollaborationViewSet(Lists, Shows, Creates, Archives):
    """Who works on a restaurant beside the one who has it."""

    scope = "leads"
    queryset = Collaboration.objects.none()
    serializer_class = CollaborationSerializer
    filterset_class = CollaborationFilter
    opened_by: ClassVar = frozenset({"restaurant"})

    def get_queryset(self) -> Any:
        rows = Collaboration.objects
        return rows.listed_for(self.person) if self.lists_portfolio else rows.visible_to(self.person)


@extend_schema_view(
    create=extend_schema(
        summary="Arrange a cover",
        description=(
            "From one moment until another, the covering person sees all restaurants of the absent one and works on "
            "them; they do not hand them on. It ends by itself. KAMs arrange it for themselves, managers for their "
            "people, admins for everybody. Both are told, also when it begins and when it ends."
        ),
    ),
    destroy=extend_schema(
        summary="End a cover",
        description="Ends it early, or calls it off. Both are told; the record is kept. What is over is a 409.",
    ),
)
class CoverViewSet(ResourceViewSet):
    """Who works on somebody's restaurants while they are away: one's own covers, and a manager's people's."""

    scope = "leads"
    queryset = Cover.objects.none()
    serializer_class = CoverSerializer
    filterset_class = CoverFilter
    ordering_fields = ("id", "starts_at", "ends_at")
    ordering = "starts_at"

    def get_queryset(self) -> Any:
        return Cover.objects.visible_to(self.person)
