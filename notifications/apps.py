from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        """Every app says what messages it has, before anybody asks for one's preferences."""
        autodiscover_modules("messages")
