"""Shapes of restaurants, of their histories, of allocation and of sharing."""

from leads.serializers.allocations import (
    AllocateSerializer,
    AllocationSerializer,
    BriefSerializer,
    BulkAllocateSerializer,
    HandOverSerializer,
    SuggestionSerializer,
)
from leads.serializers.restaurants import ChangeStatusSerializer, RestaurantSerializer, StatusChangeSerializer
from leads.serializers.sharing import CollaborationSerializer, CoverSerializer

__all__ = [
    "AllocateSerializer",
    "AllocationSerializer",
    "BriefSerializer",
    "BulkAllocateSerializer",
    "ChangeStatusSerializer",
    "CollaborationSerializer",
    "CoverSerializer",
    "HandOverSerializer",
    "RestaurantSerializer",
    "StatusChangeSerializer",
    "SuggestionSerializer",
]
