from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        from kams.events import letter_due  # noqa: PLC0415 - apps are loaded before models are
        from notifications.letters import write  # noqa: PLC0415

        letter_due.received_by(write)
        # Every app says what messages it has, before anybody asks for one's preferences.
        autodiscover_modules("messages")
