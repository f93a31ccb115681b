from call_planning.views import CallPlanViewSet
from common.api.routers import ModuleRouter

router = ModuleRouter()
router.register("", CallPlanViewSet, basename="call-plan")

urlpatterns = router.urls
