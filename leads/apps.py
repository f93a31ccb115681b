from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = "Leads"

    def ready(self) -> None:
        from kams.events import person_left
        from leads import chapters  # noqa: F401 - which registers its chapters
        from leads.models import hand_on

        person_left.received_by(hand_on)
