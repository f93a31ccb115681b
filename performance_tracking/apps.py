from django.apps import AppConfig


class PerformanceTrackingConfig(AppConfig):
    name = "performance_tracking"
    verbose_name = "Performance"
