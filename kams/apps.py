from django.apps import AppConfig


class KamsConfig(AppConfig):
    name = "kams"
    verbose_name = "People"
