from django.apps import AppConfig

from kams.events import person_left


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = "Leads"

    def ready(self) -> None:
        from leads.tasks import end_sharing  # noqa: PLC0415 - models are there once all apps are ready

        person_left.received_by(end_sharing)
