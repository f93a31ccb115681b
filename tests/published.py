"""The examples of the published contract, as they are printed, and a client that sends them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from call_planning.models import CallPlan
from contact.models import Contact
from interaction_tracking.models import Interaction
from leads.models import Collaboration, Cover, Restaurant
from tests.cast import Api
from tests.paging import links

RESTAURANT = """
{"name": "The Great Restaurant", "address": "123 Food Street", "city": "New York", "state": "New York",
 "pincode": "10001", "contact_person": "John Doe", "phone": "+1234567890", "email": "johndoe@example.com",
 "lead_status": "NEW", "potential_revenue": 5000.00, "notes": "Interested in premium features.",
 "assigned_to": {me}}
"""
CONTACT = """
{"restaurant": {restaurant}, "name": "John Doe", "role": "Manager", "email": "john.doe@example.com",
 "phone": "123-456-7890", "address": "123 Street, City, Country"}
"""
INTERACTION = """
{"lead": {restaurant}, "contact": {contact}, "interaction_type": "CALL",
 "details": "Followed up on last week's discussion.", "order_placed": false, "date": "2024-12-24T15:30:00Z"}
"""
ORDER = """
{"product_details": "50 units of Product A", "quantity": 50, "total_price": 500.00,
 "order_date": "2024-12-25T12:00:00Z"}
"""
PLAN = '{"lead": {restaurant}, "frequency": "DAILY", "notes": "Initial call plan for lead 1."}'

# Whose keys the rows of a list have, by how its path begins.
LISTED: dict[str, Any] = {
    "/lead/restaurants/": Restaurant,
    "/lead/collaborators/": Collaboration,
    "/lead/covers/": Cover,
    "/contact/": Contact,
    "/track/": Interaction,
    "/call/": CallPlan,
    "/performance/": Restaurant,
}


def keys_of_all() -> dict[str, set[int]]:
    return {beginning: set(rows.objects.values_list("pk", flat=True)) for beginning, rows in LISTED.items()}


@dataclass
class Client:
    """Another system: it sends the examples as they are printed, with keys that exist here."""

    api: Api
    keys: dict[str, int]
    # What others had made before: the database may be a copy of one that was in use.
    others: dict[str, set[int]] = field(default_factory=keys_of_all)
    answer: Any = field(init=False)
    content: bytes = field(init=False)

    def send(self, method: str, path: str, example: str = "", *, status: int = 200) -> Any:
        """What was answered, with this status."""
        self.answer = self.api(method, self.filled(path), self.filled(example) or None)
        assert self.answer.status_code == status, self.answer.content.decode()
        self.content = self.answer.content
        return self.answer.json() if self.content else None

    def listed(self, path: str) -> list[Any]:
        """What a list shows on all its pages, without the rows of others."""
        others = next(keys for beginning, keys in self.others.items() if path.startswith(beginning))
        found, content = self.send("GET", path), self.content
        while path := links(self.answer).get("next", ""):
            found += self.send("GET", path)
            content += self.content
        self.content = content
        return [row for row in found if row.get("id", row.get("restaurant_id")) not in others]

    def make(self, name: str, path: str, example: str) -> Any:
        """What was created; its key stands for `name` from now on."""
        body = self.send("POST", path, example, status=201)
        self.keys[name] = body["id"]
        assert self.answer["Location"] == f"http://testserver{path}{body['id']}/"
        return body

    def says(self, example: str) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.filled(example))
        return said

    def filled(self, text: str) -> str:
        """The text with keys where it has names in braces."""
        for name, key in self.keys.items():
            text = text.replace(f"{{{name}}}", str(key))
        return text


def matches(body: dict[str, Any], example: dict[str, Any]) -> bool:
    """Whether an answer has the example's keys and values; it may have more."""
    return {name: body.get(name, "missing") for name in example} == example
