from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view

from call_planning.filters import BlockFilter
from call_planning.models import Block
from call_planning.serializers import BlockSerializer
from common.api.views import ResourceViewSet


@extend_schema_view(
    create=extend_schema(
        summary="Block a restaurant",
        description="Nobody calls it from one moment until another: closed for renovation, for a season.",
    ),
    destroy=extend_schema(summary="Take a block back", description="The restaurant is called again."),
)
class BlockViewSet(ResourceViewSet):
    """Times in which a restaurant is not called."""

    scope = "calls"
    queryset = Block.objects.none()
    serializer_class = BlockSerializer
    filterset_class = BlockFilter
    ordering_fields = ("id", "starts_at", "ends_at")
    opened_by: ClassVar = frozenset({"restaurant"})

    def get_queryset(self) -> Any:
        rows = Block.objects
        return rows.listed_for(self.person) if self.lists_portfolio else rows.visible_to(self.person)
