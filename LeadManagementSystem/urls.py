"""Every URL of the product, one family per app."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from common.api.docs import RedocView, SchemaView, SwaggerView
from common.api.health import LiveView, ReadyView
from LeadManagementSystem.health import copies, outbox
from LeadManagementSystem.metrics import metrics

handler400 = "common.api.problems.bad_request"
handler403 = "common.api.problems.forbidden"
handler404 = "common.api.problems.not_found"
handler500 = "common.api.problems.server_error"

# What readiness tells beside the jobs; of replicas where there are any.
REPORTS = {"outbox": outbox, **({"replicas": copies} if settings.DATABASE_ROUTERS else {})}

urlpatterns = [
    path("api/token/", include("kams.token_urls")),
    path("kam/", include("kams.urls")),
    path("notifications/", include("notifications.urls")),
    path("lead/", include("leads.urls")),
    path("contact/", include("contact.urls")),
    path("track/", include("interaction_tracking.urls")),
    path("call/", include("call_planning.urls")),
    path("performance/", include("performance_tracking.urls")),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/docs/", SwaggerView.as_view(), name="docs"),
    path("api/redoc/", RedocView.as_view(), name="redoc"),
    path("health/live", LiveView.as_view(), name="live"),
    path("health/ready", ReadyView.as_view(reports=REPORTS), name="ready"),
    path("admin/", admin.site.urls),
]
if settings.METRICS_TOKEN:
    urlpatterns.append(path("metrics", metrics))
