from common.api.history import history_at
from common.api.routers import ModuleRouter
from interaction_tracking.models import Interaction
from interaction_tracking.views import InteractionViewSet

router = ModuleRouter()
router.register("interactions", InteractionViewSet, basename="interaction")

urlpatterns = [*router.urls_with_index(), history_at("interactions/", Interaction.objects)]
