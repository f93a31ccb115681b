from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class KamsConfig(AppConfig):
    name = "kams"
    verbose_name = "People"

    def ready(self) -> None:
        """Every app says what it holds about people, before anybody asks for theirs."""
        autodiscover_modules("traces")
