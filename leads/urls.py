from django.urls import re_path

from common.api.history import history_at
from common.api.routers import ModuleRouter
from leads.models import Restaurant
from leads.views import (
    AllocationsViewSet,
    CollaborationViewSet,
    CoverViewSet,
    RestaurantViewSet,
    StatusHistoryViewSet,
    SuggestionsViewSet,
)

ONE = "restaurants/(?P<pk>[0-9]{1,18})"

router = ModuleRouter()
router.register("restaurants", RestaurantViewSet, basename="restaurant")
router.register("collaborators", CollaborationViewSet, basename="collaborator")
router.register("covers", CoverViewSet, basename="cover")

urlpatterns = [
    *router.urls_with_index(),
    re_path(
        rf"^{ONE}/status_history/$",
        StatusHistoryViewSet.as_view({"get": "list"}, detail=False),
        name="status-history",
    ),
    history_at("restaurants/", Restaurant.objects),
    re_path(rf"^{ONE}/allocations/$", AllocationsViewSet.as_view({"get": "list"}, detail=False), name="allocations"),
    re_path(rf"^{ONE}/suggestions/$", SuggestionsViewSet.as_view({"get": "suggest"}, detail=True), name="suggestions"),
]
