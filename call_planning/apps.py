from django.apps import AppConfig


class CallPlanningConfig(AppConfig):
    name = "call_planning"
    verbose_name = "Call plans"

    def ready(self) -> None:
        from call_planning.defaults import defaults  # noqa: PLC0415 - models are loaded by now
        from call_planning.models.following import follow_call, follow_restaurants, follow_status  # noqa: PLC0415
        from interaction_tracking.events import call_made  # noqa: PLC0415
        from leads.events import standing_changed, status_changed  # noqa: PLC0415

        defaults()  # what is wrong with the file stops the start
        status_changed.received_by(follow_status)
        standing_changed.received_by(follow_restaurants)
        call_made.received_by(follow_call)
