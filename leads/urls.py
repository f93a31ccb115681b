from django.urls import path

from common.api.routers import ModuleRouter
from leads.views import RestaurantViewSet, StatusHistoryViewSet

router = ModuleRouter()
router.register("restaurants", RestaurantViewSet, basename="restaurant")

urlpatterns = [
    *router.urls_with_index(),
    path(
        "restaurants/<int:pk>/status_history/",
        StatusHistoryViewSet.as_view({"get": "list"}, detail=False),
        name="status-history",
    ),
]
