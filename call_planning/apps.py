from django.apps import AppConfig


class CallPlanningConfig(AppConfig):
    name = "call_planning"
    verbose_name = "Call plans"

    def ready(self) -> None:
        from call_planning.models import CallPlan  # noqa: PLC0415 - models are loaded by now, not before
        from leads.events import status_changed  # noqa: PLC0415

        status_changed.received_by(CallPlan.objects.follow_status)
