from common.api.routers import ModuleRouter
from call_planning.views import CallPlanViewSet

router = ModuleRouter()
router.register("", CallPlanViewSet, basename="call-plan")

urlpatterns = router.urls
