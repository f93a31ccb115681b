"""Restaurants for staff, with their histories.

Apps above this one show what they know of a restaurant on its page: each puts its inline before the histories, at
the head of `RestaurantAdmin.inlines`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from common.admin import ArchivableAdmin, LiveFilter, ReadOnlyAdmin, ReadOnlyInline, RuleForm
from kams.models import User
from leads.models import Allocation, Collaboration, Cover, Restaurant, StatusChange

REASON_LENGTH = 500


class RestaurantForm(RuleForm):
    reason = forms.CharField(
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Kept in the history of the status or the allocation that you change.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_new:
            del self.fields["reason"]

    def change(self, *, by: User, at: datetime, reason: str = "", **given: Any) -> Restaurant:
        restaurant: Restaurant = self.hold()
        if "lead_status" in given:
            restaurant.change_status(given.pop("lead_status"), by=by, at=at, reason=reason)
        if "assigned_to" in given:
            restaurant.allocate(to=given.pop("assigned_to"), by=by, at=at, reason=reason, field="assigned_to")
        restaurant.revise(by=by, at=at, **given)
        return restaurant


class AllocateForm(forms.Form):
    person = forms.ModelChoiceField(User.objects.who_can_be_allocated(), help_text="Who looks after them from now on.")
    reason = forms.CharField(
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Kept in the history of each restaurant.",
    )


class StatusChangeInline(ReadOnlyInline):
    model = StatusChange
    fields = ("changed_at", "old_status", "new_status", "lasted", "changed_by", "reason")
    select_related = ("changed_by",)


class AllocationInline(ReadOnlyInline):
    model = Allocation
    fields = ("started_at", "ended_at", "kam", "allocated_by", "reason")
    select_related = ("restaurant", "kam", "allocated_by")


@admin.register(Restaurant)
class RestaurantAdmin(ArchivableAdmin):
    form = RestaurantForm
    list_display = ("name", "city", "lead_status", "assigned_to", "potential_revenue", "created_at", "updated_at")
    list_select_related = ("assigned_to",)
    list_filter = (LiveFilter, "lead_status", "assigned_to")
    search_fields = ("search_text__contains",)
    search_help_text = "Name, city, person, e-mail address or phone number"
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    actions = ("allocate", "release", *ArchivableAdmin.actions)
    autocomplete_fields = ("assigned_to", "parent")
    readonly_fields = ("phone_e164", "created_by", "created_at", "updated_at", "archived_at", "version")

    fieldsets = (
        (None, {"fields": ("name", "lead_status", "assigned_to", "potential_revenue", "notes")}),
        (
            "Place",
            {"fields": ("address", "city", "state", "pincode", "country", "region", "timezone", "opening_hours")},
        ),
        ("People", {"fields": ("contact_person", "phone", "phone_e164", "email", "notify_contacts")}),
        ("Kind", {"fields": ("cuisine_type", "restaurant_type", "source", "parent")}),
        ("Record", {"fields": ("created_by", "created_at", "updated_at", "archived_at", "version")}),
    )
    change_fields = ("reason", *ArchivableAdmin.change_fields)
    inlines: ClassVar[list[Any]] = [StatusChangeInline, AllocationInline]

    @admin.action(description="Allocate selected restaurants", permissions=["act"])
    def allocate(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        form = AllocateForm(request.POST if "person" in request.POST else None)
        live = queryset.visible_to(request.user)
        if form.is_valid():
            to, reason = form.cleaned_data["person"], form.cleaned_data["reason"]
            self.give(request, live, to=to, reason=reason, done=f"allocated to {to}")
            return None
        rows = live.select_related("assigned_to")
        return self.ask(request, form, rows, action="allocate", title="Allocate restaurants", submit="Allocate")

    def described(self, row: Restaurant) -> str:
        return f"{row}, {row.city}: {row.assigned_to or 'in the pool'}"

    @admin.action(description="Return selected restaurants to the pool", permissions=["act"])
    def release(self, request: HttpRequest, queryset: Any) -> None:
        live = queryset.visible_to(request.user)
        self.give(request, live, to=None, reason="", done="returned to the pool")

    def give(self, request: HttpRequest, live: Any, *, to: User | None, reason: str, done: str) -> None:
        by: Any = request.user
        now = timezone.now()
        how = {"to": to, "by": by, "at": now, "reason": reason}
        self.carry_out_at_once(request, live, lambda rows: rows.allocate(**how).rows, done=done)


class HistoryAdmin(ReadOnlyAdmin):
    """What the verbs of restaurants write."""

    search_fields = ("restaurant__search_text__contains",)
    search_help_text = "Restaurant"


@admin.register(StatusChange)
class StatusChangeAdmin(HistoryAdmin):
    list_display = ("restaurant", "old_status", "new_status", "changed_by", "changed_at", "lasted", "reason")
    list_select_related = ("restaurant", "changed_by")
    list_filter = ("new_status", "old_status")
    date_hierarchy = "changed_at"
    fields = ("restaurant", "old_status", "new_status", "lasted", "changed_by", "changed_at", "reason")


@admin.register(Allocation)
class AllocationAdmin(HistoryAdmin):
    list_display = ("restaurant", "kam", "started_at", "ended_at", "allocated_by", "reason")
    list_select_related = ("restaurant", "kam", "allocated_by")
    list_filter = (("ended_at", admin.EmptyFieldListFilter), "kam")
    date_hierarchy = "started_at"
    fields = ("restaurant", "kam", "started_at", "ended_at", "allocated_by", "reason")


@admin.register(Collaboration)
class CollaborationAdmin(ArchivableAdmin):
    """Who works on a restaurant beside the one who has it: added and ended, never changed."""

    list_display = ("restaurant", "kam", "added_by", "created_at", "archived_at", "reason")
    list_select_related = ("restaurant", "kam", "added_by")
    list_filter = (LiveFilter, "kam")
    search_fields = ("restaurant__search_text__contains",)
    search_help_text = "Restaurant"
    date_hierarchy = "created_at"
    actions = ("archive",)
    autocomplete_fields = ("restaurant", "kam")
    readonly_fields = ("added_by", "created_at", "archived_at")

    def has_change_permission(self, request: HttpRequest, obj: Collaboration | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Collaboration | None = None) -> tuple[str, ...]:
        said = ("restaurant", "kam", "reason")
        return said if obj is None else (*said, *self.readonly_fields)


class CoverForm(RuleForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "starts_at" in self.fields:  # without it, it begins now
            self.fields["starts_at"].required = not self.is_new


@admin.register(Cover)
class CoverAdmin(ArchivableAdmin):
    form = CoverForm
    list_display = ("absent", "covering", "starts_at", "ends_at", "made_by", "archived_at", "reason")
    list_select_related = ("absent", "covering", "made_by")
    list_filter = (LiveFilter, "covering")
    search_fields = ("absent__search_text__contains", "covering__search_text__contains")
    search_help_text = "Person"
    date_hierarchy = "starts_at"
    actions = ("archive",)
    autocomplete_fields = ("absent", "covering")
    fixed_fields = ("absent", "covering")
    readonly_fields = ("made_by", "begin_told_at", "end_told_at", "created_at", "updated_at", "archived_at", "version")
    fieldsets = (
        (None, {"fields": ("absent", "covering", "starts_at", "ends_at", "reason")}),
        ("Record", {"fields": readonly_fields}),
    )
