from django.urls import path

from call_planning.models import CallPlan
from call_planning.views import (
    BlockViewSet,
    CalendarFeedView,
    CalendarView,
    CallPlanViewSet,
    ComplianceCallsViewSet,
    ComplianceViewSet,
    NextCallsViewSet,
)
from common.api.history import history_at
from common.api.routers import ModuleRouter

router = ModuleRouter()
router.register("blocks", BlockViewSet, basename="block")
router.register("", CallPlanViewSet, basename="call-plan")

urlpatterns = [
    path("next/", NextCallsViewSet.as_view({"get": "rank"}, detail=False), name="next-calls"),
    path("compliance/", ComplianceViewSet.as_view({"get": "list"}, detail=False), name="compliance"),
    path("compliance/calls/", ComplianceCallsViewSet.as_view({"get": "list"}, detail=False), name="compliance-calls"),
    history_at("", CallPlan.objects),
    path("calendar/", CalendarView.as_view(), name="calendar"),
    path("calendar/<str:token>.ics", CalendarFeedView.as_view(), name="calendar-feed"),
    *router.urls,
]
