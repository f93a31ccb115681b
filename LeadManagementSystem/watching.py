"""What the service tells those who run it."""

from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from LeadManagementSystem.env import ENVIRONMENT, PRODUCTION, SHORTEST_KEY, env, one_of

# --- Logs -----------------------------------------------------------------------------------------
LEVEL = one_of("LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR")
SHAPE = one_of("LOG_FORMAT", *(("json", "console") if PRODUCTION else ("console", "json")))
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"crashes": {"()": "common.logs.Crashes"}},
    "formatters": {"line": {"()": "common.logs.formatter", "shape": SHAPE}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LEVEL},
    "loggers": {
        # All lines take the one way out. What Django says of a refusal stands in the line of the request.
        "django": {"handlers": [], "level": LEVEL},
        "django.request": {"level": "ERROR", "filters": ["crashes"]},
        "django.security": {"level": "ERROR"},
        "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
    },
}


# --- Metrics and errors: off unless they are asked for ---------------------------------------------
def _needs(package: str, *, because: str) -> None:
    if find_spec(package) is None:
        raise ImproperlyConfigured(
            f"{because} needs {package}: pip install --require-hashes -r requirements-optional.txt"
        )


METRICS_TOKEN: str = env.str("METRICS_TOKEN", "")
if METRICS_TOKEN:
    _needs("django_prometheus", because="METRICS_TOKEN")
    if len(METRICS_TOKEN.encode()) < SHORTEST_KEY:
        raise ImproperlyConfigured(f"METRICS_TOKEN must have at least {SHORTEST_KEY} random bytes, or be left out.")

SENTRY_DSN: str = env.str("SENTRY_DSN", "")
if SENTRY_DSN:
    _needs("sentry_sdk", because="SENTRY_DSN")


def measured(middleware: list[str]) -> list[str]:
    """The middleware with the two that count and time requests around it, if there are metrics."""
    if not METRICS_TOKEN:
        return middleware
    around = [f"django_prometheus.middleware.Prometheus{place}Middleware" for place in ("Before", "After")]
    return [around[0], *middleware, around[1]]


def report_errors(*, release: str) -> None:
    """Send crashes to Sentry, if there is one: the trace and the request's id, and nothing that people sent."""
    if not SENTRY_DSN:
        return
    import sentry_sdk  # noqa: PLC0415 - an optional requirement

    sentry_sdk.init(
        SENTRY_DSN,
        release=f"kam@{release}",
        environment=ENVIRONMENT,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
        max_breadcrumbs=0,
        before_send=without_what_people_sent,  # type: ignore[arg-type] # an event is a dictionary
    )


def without_what_people_sent(event: dict[str, Any], _: Any) -> dict[str, Any]:
    from common.logs import plain, request_at_hand  # noqa: PLC0415 - once the settings are there

    for name in ("request", "user", "extra", "logentry", "breadcrumbs", "server_name"):
        event.pop(name, None)
    if request := request_at_hand.get():
        event["tags"] = {"request_id": request.META["REQUEST_ID"], "method": request.method}
        event["transaction"] = plain(request.path)
    for raised in event.get("exception", {}).get("values", ()):
        raised["value"] = ""  # it may quote them; its words stand in our own log
    return event
