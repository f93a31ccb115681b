from django.apps import AppConfig
from django.conf import settings

from LeadManagementSystem import watching
from notifications import wake_up


def ring() -> None:
    from LeadManagementSystem.celery import bell  # noqa: PLC0415 - without a broker nobody needs Celery

    bell.ring()


class WiringConfig(AppConfig):
    name = "LeadManagementSystem"

    def ready(self) -> None:
        """Where there is a broker, let a worker hear of new messages at once; where there is a Sentry, of crashes."""
        watching.report_errors(release=settings.SPECTACULAR_SETTINGS["VERSION"])
        if settings.CELERY_BROKER_URL:
            wake_up.hang(ring)
