from django.urls import re_path

from common.api.routers import ModuleRouter
from leads.views import CollaborationViewSet, CoverViewSet, RestaurantViewSet, StatusHistoryViewSet

router = ModuleRouter()
router.register("restaurants", RestaurantViewSet, basename="restaurant")
router.register("collaborators", CollaborationViewSet, basename="collaborator")
router.register("covers", CoverViewSet, basename="cover")

urlpatterns = [
    *router.urls_with_index(),
    re_path(
        r"^restaurants/(?P<pk>[0-9]{1,18})/status_history/$",
        StatusHistoryViewSet.as_view({"get": "list"}, detail=False),
        name="status-history",
    ),
]
