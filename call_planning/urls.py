from django.urls import path

from call_planning.views import BlockViewSet, CallPlanViewSet, NextCallsViewSet
from common.api.routers import ModuleRouter

router = ModuleRouter()
router.register("blocks", BlockViewSet, basename="block")
router.register("", CallPlanViewSet, basename="call-plan")

urlpatterns = [
    path("next/", NextCallsViewSet.as_view({"get": "rank"}, detail=False), name="next-calls"),
    *router.urls,
]
