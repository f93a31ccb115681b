"""The people at the restaurants, for staff; also on the page of their restaurant."""

from django.contrib import admin

from common.admin import ArchivableAdmin, ArchivableInline, LiveFilter
from contact.models import Contact
from leads.admin import RestaurantAdmin


class ContactInline(ArchivableInline):
    model = Contact
    fields = ("name", "role", "role_kind", "email", "phone", "is_primary", "opted_out")


RestaurantAdmin.inlines.insert(0, ContactInline)


@admin.register(Contact)
class ContactAdmin(ArchivableAdmin):
    list_display = ("name", "restaurant", "role", "role_kind", "email", "phone", "is_primary", "opted_out")
    list_select_related = ("restaurant",)
    list_filter = (LiveFilter, "role_kind", "is_primary", "opted_out")
    search_fields = ("search_text__contains", "restaurant__search_text__contains")
    search_help_text = "Name, role, e-mail address, phone number or restaurant"
    date_hierarchy = "created_at"
    ordering = ("name", "id")
    autocomplete_fields = ("restaurant", "reports_to")
    fixed_fields = ("restaurant",)
    readonly_fields = ("phone_e164", "created_at", "updated_at", "archived_at", "version")
    fieldsets = (
        (None, {"fields": ("restaurant", "name", "role", "role_kind", "is_primary", "reports_to")}),
        ("How to reach them", {"fields": ("email", "phone", "phone_e164", "address", "call_window", "opted_out")}),
        ("Record", {"fields": ("created_at", "updated_at", "archived_at", "version")}),
    )
