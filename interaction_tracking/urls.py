from django.urls import re_path

from common.api.routers import ModuleRouter
from interaction_tracking.views import InteractionChangesViewSet, InteractionViewSet

router = ModuleRouter()
router.register("interactions", InteractionViewSet, basename="interaction")

urlpatterns = [
    *router.urls_with_index(),
    re_path(
        "^interactions/(?P<pk>[0-9]{1,18})/history/$",
        InteractionChangesViewSet.as_view({"get": "list"}, detail=False),
        name="interaction-changes",
    ),
]
