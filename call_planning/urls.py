from django.urls import path, re_path

from call_planning.views import (
    BlockViewSet,
    CalendarFeedView,
    CalendarView,
    CallPlanChangesViewSet,
    CallPlanViewSet,
    ComplianceCallsViewSet,
    ComplianceViewSet,
    NextCallsViewSet,
)
from common.api.routers import ModuleRouter

router = ModuleRouter()
router.register("blocks", BlockViewSet, basename="block")
router.register("", CallPlanViewSet, basename="call-plan")

urlpatterns = [
    path("next/", NextCallsViewSet.as_view({"get": "rank"}, detail=False), name="next-calls"),
    path("compliance/", ComplianceViewSet.as_view({"get": "list"}, detail=False), name="compliance"),
    path("compliance/calls/", ComplianceCallsViewSet.as_view({"get": "list"}, detail=False), name="compliance-calls"),
    re_path(
        "^(?P<pk>[0-9]{1,18})/history/$",
        CallPlanChangesViewSet.as_view({"get": "list"}, detail=False),
        name="call-plan-changes",
    ),
    path("calendar/", CalendarView.as_view(), name="calendar"),
    path("calendar/<str:token>.ics", CalendarFeedView.as_view(), name="calendar-feed"),
    *router.urls,
]
