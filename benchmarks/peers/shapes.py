"""What every peer shows, in the order of the service: the names, and the columns where these are called otherwise."""

from __future__ import annotations

RESTAURANT = (
    *("id", "name", "address", "city", "state", "pincode", "country", "region", "timezone", "opening_hours"),
    *("contact_person", "phone", "email", "lead_status", "potential_revenue", "notes", "assigned_to", "cuisine_type"),
    *("restaurant_type", "source", "notify_contacts", "parent", "created_by", "created_at", "updated_at", "version"),
)
INTERACTION = (
    *("id", "lead", "contact", "kam", "interaction_type", "status", "details", "outcome", "order_placed", "date"),
    *("duration_seconds", "call_plan", "due_at", "created_at", "updated_at", "version"),
)
# When a call is best made is left out: that is a calculation of the service, not work of a framework.
PLAN = (
    *("id", "lead", "frequency", "interval_days", "last_called", "next_call_date", "attempts", "call_back_at"),
    *("notes", "created_at", "updated_at", "version"),
)
ACCOUNT = ("id", "name", "lead_status", "potential_revenue", "cuisine_type", "restaurant_type")
COUNTS = ("orders_last_month", "orders_this_month")
KEYS = frozenset({"assigned_to", "parent", "created_by", "lead", "contact", "kam", "call_plan"})
CLOSED = ("LOST", "INACTIVE")
PAGE = 50
PERFORMS_FROM = 10_000  # the setting that nobody changed


def column(name: str) -> str:
    return f"{name}_id" if name in KEYS else name
