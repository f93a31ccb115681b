"""Lists as a client reads them: one page after another, by the links."""

from __future__ import annotations

import re
from typing import Any

from tests.cast import Api


def links(answer: Any) -> dict[str, str]:
    """The paths of an answer's `Link` header by their relation."""
    found = re.findall(r'<http://testserver([^>]*)>; rel="(\w+)"', answer["Link"])
    return {relation: path for path, relation in found}


def pages(caller: Api, path: str) -> list[list[Any]]:
    """Every page of a list, from this path on."""
    found = []
    while path:
        answer = caller.get(path)
        assert answer.status_code == 200, answer.content
        found.append(answer.json())
        path = links(answer).get("next", "")
    return found


def ids(rows: list[dict[str, Any]]) -> list[int]:
    return [row["id"] for row in rows]
