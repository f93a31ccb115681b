"""How restaurants perform, for staff to look at."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone

from common.admin import LiveFilter, ReadOnlyAdmin
from performance_tracking.models import Account, Month, OrderRhythm, Scale, TypicalCycle


class PerformanceFilter(admin.SimpleListFilter):
    title = "performance"
    parameter_name = "performance"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("performing", "Performing"), ("underperforming", "Underperforming")]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Account] | None:
        match self.value():
            case "performing":
                return queryset.performing(revenue=settings.PERFORMING_REVENUE)  # type: ignore[no-any-return]
            case "underperforming":
                return queryset.underperforming(revenue=settings.UNDERPERFORMING_REVENUE)  # type: ignore[no-any-return]
        return None


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "lead_status",
        "potential_revenue",
        "assigned_to",
        "orders_last_month",
        "orders_this_month",
    )
    list_select_related = ("assigned_to",)
    list_filter = (LiveFilter, PerformanceFilter, "lead_status", "assigned_to")
    search_fields = ("search_text__contains",)
    search_help_text = "Name, city, person, e-mail address or phone number"
    date_hierarchy = "created_at"
    ordering = ("-potential_revenue", "id")
    fields = (*list_display, "city", "cuisine_type", "restaurant_type")
    readonly_fields = ("orders_last_month", "orders_this_month")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        accounts: Any = super().get_queryset(request)
        return accounts.with_order_counts(at=timezone.now(), zone=ZoneInfo(settings.TIME_ZONE))  # type: ignore[no-any-return]

    @admin.display(description="Orders last month", ordering=Coalesce("orders_last_month", 0))
    def orders_last_month(self, account: Any) -> int:
        return account.orders_last_month or 0

    @admin.display(description="Orders this month", ordering=Coalesce("orders_this_month", 0))
    def orders_this_month(self, account: Any) -> int:
        return account.orders_this_month or 0


@admin.register(OrderRhythm)
class OrderRhythmAdmin(ReadOnlyAdmin):
    list_display = ("restaurant", "state", "cycles", "last_order_on", "due_on", "median_days", "spread_days", "gaps")
    list_select_related = ("restaurant",)
    list_filter = ("state", "restaurant__assigned_to")
    search_fields = ("restaurant__search_text__contains",)
    search_help_text = "Restaurant"
    ordering = ("-cycles",)
    fields = (*list_display, "late_on", "lapsed_on")


@admin.register(TypicalCycle)
class TypicalCycleAdmin(ReadOnlyAdmin):
    list_display = ("restaurant_type", "median_days", "accounts")
    search_fields = ("restaurant_type",)
    search_help_text = "Type of restaurant"
    fields = list_display


@admin.register(Month)
class MonthAdmin(ReadOnlyAdmin):
    list_display = ("restaurant", "month", "orders", "revenue", "calls", "visits", "responses", "response_days")
    list_select_related = ("restaurant",)
    list_filter = ("restaurant__assigned_to",)
    search_fields = ("restaurant__search_text__contains",)
    search_help_text = "Restaurant"
    ordering = ("-month", "restaurant")
    fields = list_display


@admin.register(Scale)
class ScaleAdmin(ReadOnlyAdmin):
    list_display = ("measure", "first", "second", "third", "fourth", "accounts")
    search_fields = ("measure",)
    search_help_text = "Measure"
    fields = list_display
