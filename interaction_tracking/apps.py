from django.apps import AppConfig


class InteractionTrackingConfig(AppConfig):
    name = "interaction_tracking"
    verbose_name = "Interactions"
