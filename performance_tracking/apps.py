from django.apps import AppConfig


class PerformanceTrackingConfig(AppConfig):
    name = "performance_tracking"
    verbose_name = "Performance"

    def ready(self) -> None:
        from interaction_tracking.events import facts_changed, orders_changed  # noqa: PLC0415 - models are loaded by now
        from leads.events import standing_changed  # noqa: PLC0415
        from performance_tracking.models import Month, OrderRhythm  # noqa: PLC0415

        orders_changed.received_by(OrderRhythm.objects.follow)
        standing_changed.received_by(OrderRhythm.objects.stand)
        facts_changed.received_by(Month.objects.follow)
