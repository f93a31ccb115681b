from common.api.routers import ModuleRouter
from interaction_tracking.views import InteractionViewSet

router = ModuleRouter()
router.register("interactions", InteractionViewSet, basename="interaction")

urlpatterns = router.urls_with_index()
