"""What is asked: the endpoints, as whom, and where in the dataset."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from django.db import connection

from benchmarks.peers.shapes import PAGE
from call_planning.demo.people import PASSWORD
from common.api.pagination import cursor_at
from leads.models import Restaurant

# Whoever is not named here is asked for nothing but what all of them offer.
ALL = ("ours", "floor", "fastapi", "ninja", "stock")
VARIANTS = ("ours-limits", "ours-sync", "ours-granian")


@dataclass(frozen=True)
class Endpoint:
    name: str
    person: str
    path: str
    method: str = "GET"
    # What is sent: the same, several in turn, or a function of the answer before.
    body: dict[str, Any] | Sequence[dict[str, Any]] | Callable[[Any], dict[str, Any]] | None = None
    # Where a server has another way to say the same.
    paths: Mapping[str, str] = field(default_factory=dict)
    # Keys that are no part of the comparison: made anew by each write, or not offered by the peers.
    left_out: frozenset[str] = frozenset()
    offered_by: tuple[str, ...] = ALL
    writes: bool = False

    def path_for(self, server: str) -> str:
        return self.paths.get(server, self.path)

    def is_offered_by(self, server: str) -> bool:
        return server in self.offered_by or server in VARIANTS

    def next_body(self, before: Any, *, number: int = 0) -> dict[str, Any] | None:
        if self.body is None or isinstance(self.body, dict):
            return self.body
        return self.body(before) if callable(self.body) else self.body[number % len(self.body)]


def endpoints() -> list[Endpoint]:
    lists = "/lead/restaurants/?page_size=50"
    at = _places()
    interaction = {
        "interaction_type": "CALL",
        "details": "Asked for the new list of prices.",
        "order_placed": False,
        "date": "2025-03-01T10:00:00Z",
    }
    # At many restaurants: the figures of a month are made of all that happened in it at one.
    interactions = [{"lead": lead, "contact": contact, **interaction} for lead, contact in at["staffed"]]
    # Suggestions are a calculation of the service, which the peers leave out: the cost of ours holds it.
    suggested = frozenset({"suggested_call_at", "suggested_call_note"})
    ours: dict[str, Any] = {"offered_by": ("ours",)}
    return [
        Endpoint("list-own", "steady.kam", lists),
        Endpoint("list-status", "steady.kam", f"{lists}&status=CONVERTED"),
        Endpoint("list-manager", "team.manager", lists),
        Endpoint("list-admin", "admin", lists),
        Endpoint("list-admin-middle", "admin", f"{lists}&cursor={at['cursor']}", paths=_in_the_middle(lists, at)),
        Endpoint("detail", "steady.kam", f"/lead/restaurants/{at['restaurant']}/"),
        Endpoint("today", "steady.kam", "/call/today/?page_size=50", left_out=suggested),
        Endpoint("patterns", "steady.kam", "/performance/order-patterns/?page_size=50"),
        Endpoint(
            "patterns-top",
            "steady.kam",
            "/performance/order-patterns/?page_size=50&ordering=-orders_this_month",
            paths={"stock": "/performance/order-patterns/?ordering=-orders_this_month,-id"},
        ),
        Endpoint("search-rare", "admin", f"{lists}&search={at['phone']}"),
        Endpoint("search-common", "admin", f"{lists}&search=kitchen"),
        Endpoint("search-absent", "admin", f"{lists}&search=qqzzqq"),
        Endpoint(
            "interaction-create",
            "steady.kam",
            "/track/interactions/",
            "POST",
            interactions,
            writes=True,
            left_out=frozenset({"id", "created_at", "updated_at"}),
        ),
        Endpoint(
            "interaction-patch",
            "steady.kam",
            f"/track/interactions/{at['interaction']}/",
            "PATCH",
            [{"details": f"They asked for {boxes} boxes."} for boxes in range(2, 99)],
            writes=True,
            left_out=frozenset({"updated_at", "version"}),
        ),
        Endpoint("record-call", "steady.kam", f"/call/{at['plan']}/record_call/", "POST", {}, writes=True, **ours),
        Endpoint("performing", "steady.kam", "/performance/performing-accounts/?page_size=50"),
        Endpoint("next", "steady.kam", "/call/next/", **ours),
        Endpoint("rhythm", "steady.kam", "/performance/rhythm/?page_size=50", **ours),
        Endpoint("trends", "steady.kam", "/performance/trends/", **ours),
        Endpoint(
            "token", "", "/api/token/", "POST", {"username": "steady.kam", "password": PASSWORD}, writes=True, **ours
        ),
        Endpoint(
            "refresh",
            "steady.kam",
            "/api/token/refresh/",
            "POST",
            lambda before: {"refresh": before["refresh"]},
            writes=True,
            **ours,
        ),
    ]


def _in_the_middle(lists: str, at: Mapping[str, Any]) -> dict[str, str]:
    """The same page by the key before it, and by its number."""
    after = f"{lists}&after={at['middle']}"
    return {"floor": after, "fastapi": after, "ninja": after, "stock": f"{lists}&page={at['page']}"}


def _places() -> dict[str, Any]:
    """Rows of the dataset that are asked for: the same ones at every run."""
    alive = Restaurant.objects.filter(archived_at__isnull=True)
    pages = alive.count() // 2 // PAGE
    middle = alive.order_by("pk").values_list("pk", flat=True)[pages * PAGE - 1]
    listed: Any = SimpleNamespace(path="/lead/restaurants/")
    cursor = cursor_at(listed, "id", value=middle, key=middle)
    with connection.cursor() as rows:
        rows.execute(
            "SELECT r.id, r.phone, p.id, i.id FROM leads_restaurant r JOIN kams_user u ON u.id = r.assigned_to_id"
            " JOIN call_planning_callplan p ON p.lead_id = r.id AND p.archived_at IS NULL"
            " JOIN interaction_tracking_interaction i ON i.lead_id = r.id AND i.archived_at IS NULL"
            " AND i.status = 'DONE' AND NOT i.order_placed"
            " WHERE u.username = 'steady.kam' AND r.archived_at IS NULL AND r.lead_status = 'CONVERTED'"
            " ORDER BY r.id, i.id LIMIT 1"
        )
        restaurant, phone, plan, interaction = rows.fetchone() or (0, "", 0, 0)
        rows.execute(
            "SELECT r.id, min(c.id) FROM leads_restaurant r JOIN kams_user u ON u.id = r.assigned_to_id"
            " JOIN contact_contact c ON c.restaurant_id = r.id AND c.archived_at IS NULL"
            " WHERE u.username = 'steady.kam' AND r.archived_at IS NULL GROUP BY 1 ORDER BY 1"
        )
        staffed = rows.fetchall()
    return {
        "restaurant": restaurant,
        "staffed": staffed,
        "phone": phone.lstrip("+"),
        "plan": plan,
        "interaction": interaction,
        "middle": middle,
        "page": pages + 1,
        "cursor": cursor.replace("=", "%3D"),
    }
