"""A browser without a screen: it opens a page of the admin, fills in its form and sends it as a person would."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.db.models import Model
from django.test import Client
from django.urls import reverse

from kams.models import User

BUTTONS = {"submit", "button", "image", "reset", "file"}


class Form(HTMLParser):
    """What sending the forms of a page as they stand would send; the search and log-out forms have other names."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._select = self._textarea = ""
        self._text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value if value is not None else "" for name, value in attrs}
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "input" and name and given.get("type") not in BUTTONS:
            if given.get("type") not in {"checkbox", "radio"}:
                self.values.setdefault(name, []).append(value)
            elif "checked" in given:
                self.values.setdefault(name, []).append(value or "on")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.values.setdefault(self._select, []).append(value)
        elif tag == "textarea":
            self._textarea, self._text = name, []

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea" and self._textarea:
            # A browser drops the first line break of a text area.
            self.values[self._textarea] = ["".join(self._text).removeprefix("\n")]
            self._textarea = ""


class Browser:
    def __init__(self, user: User | None = None) -> None:
        self.client = Client()
        if user is not None:
            self.client.force_login(user)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, query)

    def post(self, path: str, values: dict[str, Any]) -> Any:
        return self.client.post(path, values)

    def fill_in(self, path: str, **changes: Any) -> Any:
        """Open the page, change some fields of its form and save."""
        return self.save(self.get(path), **changes)

    def save(self, page: Any, **changes: Any) -> Any:
        """Save a page opened before."""
        values = {**Form(page.content.decode()).values, **changes}
        return self.post(
            page.request["PATH_INFO"], {name: value for name, value in values.items() if value is not None}
        )

    def act(self, action: str, *rows: Model, **more: Any) -> Any:
        """Choose an action for rows of one list."""
        values = {"action": action, "_selected_action": [row.pk for row in rows], **more}
        place = "?place=all" if hasattr(rows[0], "archived_at") else ""
        return self.client.post(listing(rows[0]) + place, values, follow=True)


def listing(of: Model | type[Model]) -> str:
    return reverse(f"admin:{of._meta.app_label}_{of._meta.model_name}_changelist")


def adding(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")


def changing(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def errors(page: Any) -> dict[str, list[str]]:
    """What the page says is wrong, by field; `__all__` is the whole form. Rows below are `prefix-number-field`."""
    assert page.status_code == 200, page.headers
    found = dict(page.context["adminform"].form.errors)
    for inline in page.context["inline_admin_formsets"]:
        for form in inline.formset.forms:
            found |= {form.add_prefix(name): texts for name, texts in form.errors.items()}
    return found


def messages(page: Any) -> list[str]:
    return [str(message) for message in page.context["messages"]]
