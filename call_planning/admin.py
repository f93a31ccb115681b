"""Call plans for staff; the one that stands also on the page of its restaurant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from call_planning.models import Block, CalendarFeed, CallPlan, Morning
from common.admin import ArchivableAdmin, ArchivableInline, LiveFilter, ReadOnlyAdmin, RuleForm
from common.clock import local_day_bounds
from interaction_tracking.admin import LatestInline
from leads.admin import RestaurantAdmin


class CallPlanForm(RuleForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_new:
            # Left empty, the plan counts it from today.
            self.fields["next_call_date"].required = False


class CallPlanInline(ArchivableInline):
    model = CallPlan
    form = CallPlanForm
    fields = ("frequency", "interval_days", "next_call_date", "last_called", "notes")
    readonly_fields = ("last_called",)
    max_num = 1


RestaurantAdmin.inlines.insert(0, CallPlanInline)


# What calls have made of a plan, beside the last one.
TRIES = ("attempts", "attempted_at", "call_back_at")


class DueFilter(admin.SimpleListFilter):
    """What is to be called, by the clocks of the person who asks."""

    title = "due"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "Overdue"), ("today", "Today, with what is overdue"), ("week", "Within a week")]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[CallPlan]:
        person: Any = request.user
        this_morning, tonight = local_day_bounds(timezone.now(), person.zone)
        ends = {"overdue": this_morning, "today": tonight, "week": tonight + timedelta(days=6)}
        by = ends.get(self.value() or "")
        return queryset.due(by=by) if by else queryset  # type: ignore[no-any-return]


class CallsInline(LatestInline):
    """What was planned by it, and what became of that."""

    verbose_name_plural = "latest calls"
    fields = ("due_at", "date", "status", "kam", "outcome", "details")
    readonly_fields = ("due_at",)
    select_related = ("kam",)


@admin.register(CallPlan)
class CallPlanAdmin(ArchivableAdmin):
    form = CallPlanForm
    list_display = ("lead", "assigned_to", "frequency", "interval_days", "last_called", "next_call_date")
    list_select_related = ("lead__assigned_to",)
    list_filter = (LiveFilter, DueFilter, "frequency")
    search_fields = ("lead__search_text__contains",)
    search_help_text = "Restaurant"
    date_hierarchy = "next_call_date"
    ordering = ("next_call_date", "id")
    autocomplete_fields = ("lead",)
    fixed_fields = ("lead",)
    readonly_fields = (
        "last_called",
        *TRIES,
        "snoozed_until",
        "snooze_reason",
        "created_at",
        "updated_at",
        "archived_at",
        "version",
    )
    fieldsets = (
        (None, {"fields": ("lead", "frequency", "interval_days", "next_call_date", "last_called", "notes")}),
        ("Tried and promised", {"fields": TRIES}),
        ("Snooze", {"fields": ("snoozed_until", "snooze_reason")}),
        ("Record", {"fields": ("created_at", "updated_at", "archived_at", "version")}),
    )
    inlines = (CallsInline,)

    @admin.display(description="KAM")
    def assigned_to(self, plan: CallPlan) -> str:
        return str(plan.lead.assigned_to or "")


@admin.register(Block)
class BlockAdmin(ArchivableAdmin):
    """Times in which restaurants are not called."""

    list_display = ("restaurant", "starts_at", "ends_at", "reason", "made_by")
    list_select_related = ("restaurant", "made_by")
    list_filter = (LiveFilter,)
    search_fields = ("restaurant__search_text__contains",)
    search_help_text = "Restaurant"
    date_hierarchy = "starts_at"
    ordering = ("-starts_at", "-id")
    autocomplete_fields = ("restaurant",)
    fixed_fields = ("restaurant",)
    readonly_fields = ("made_by", "created_at", "updated_at", "archived_at", "version")
    fieldsets = (
        (None, {"fields": ("restaurant", "starts_at", "ends_at", "reason")}),
        ("Record", {"fields": ("made_by", "created_at", "updated_at", "archived_at", "version")}),
    )


@admin.register(Morning)
class MorningAdmin(ReadOnlyAdmin):
    """Who has been told what their day brings, and for which day."""

    list_display = ("user", "day", "told_at")
    list_select_related = ("user",)
    search_fields = ("user__search_text__contains",)
    search_help_text = "Person"
    date_hierarchy = "told_at"
    ordering = ("user",)
    fields = ("user", "day", "told_at")


@admin.register(CalendarFeed)
class CalendarFeedAdmin(ReadOnlyAdmin):
    """Who has a calendar feed, and since when, and the way to end it; its address is nobody else's to know."""

    list_display = ("user", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__search_text__contains",)
    search_help_text = "Person"
    date_hierarchy = "created_at"
    ordering = ("user",)
    fields = ("user", "created_at")
    actions = ("revoke",)

    @admin.action(description="Revoke selected calendar feeds", permissions=["act"])
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        """Their addresses answer 404 from now on."""
        self.carry_out(request, queryset, lambda feed: CalendarFeed.objects.revoke(feed.user), done="revoked")
