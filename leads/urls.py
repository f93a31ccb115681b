from django.urls import re_path

from common.api.routers import ModuleRouter
from leads.views import RestaurantViewSet, StatusHistoryViewSet

router = ModuleRouter()
router.register("restaurants", RestaurantViewSet, basename="restaurant")

urlpatterns = [
    *router.urls_with_index(),
    re_path(
        r"^restaurants/(?P<pk>[0-9]{1,18})/status_history/$",
        StatusHistoryViewSet.as_view({"get": "list"}, detail=False),
        name="status-history",
    ),
]
