from django.apps import AppConfig


class CallPlanningConfig(AppConfig):
    name = "call_planning"
    verbose_name = "Call plans"
