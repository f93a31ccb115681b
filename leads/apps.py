from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from kams.events import person_left


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = "Leads"

    def ready(self) -> None:
        """Every app says what it has to tell in a brief, and who leaves hands on what they have."""
        from leads.models import hand_on  # noqa: PLC0415 - models are there once all apps are ready
        from leads.tasks import end_sharing  # noqa: PLC0415

        autodiscover_modules("chapters")
        person_left.received_by(hand_on)
        person_left.received_by(end_sharing)
