"""Shapes of restaurants, of their histories, and of allocation."""

from leads.serializers.allocations import (
    AllocateSerializer,
    AllocationSerializer,
    BriefSerializer,
    BulkAllocateSerializer,
    HandOverSerializer,
    SuggestionSerializer,
)
from leads.serializers.restaurants import ChangeStatusSerializer, RestaurantSerializer, StatusChangeSerializer

__all__ = [
    "AllocateSerializer",
    "AllocationSerializer",
    "BriefSerializer",
    "BulkAllocateSerializer",
    "ChangeStatusSerializer",
    "HandOverSerializer",
    "RestaurantSerializer",
    "StatusChangeSerializer",
    "SuggestionSerializer",
]
