from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = "Leads"

    def ready(self) -> None:
        """Every app says what it has to tell in a brief, and who leaves hands on their restaurants."""
        from kams.events import person_left  # noqa: PLC0415 - models are loaded by now, not before
        from leads.models import hand_on  # noqa: PLC0415

        autodiscover_modules("chapters")
        person_left.received_by(hand_on)
