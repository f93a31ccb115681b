"""The OpenAPI document says all of the API and nothing else, and says it whole."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # with drf-spectacular, without types
from rest_framework import exceptions
from rest_framework_simplejwt.exceptions import InvalidToken

from common.api.docs import document
from tests.architecture import ROOT, sources
from tests.cast import api
from tests.docs.pages import page
from tests.routes import operations

Operation = dict[str, Any]

REFERENCE = page("docs/api/index.md")
# What reads the document is no part of it.
PAGES = {"GET /api/docs/", "GET /api/redoc/"}
# Asked before anybody is known, or by machines that are nobody.
OPEN = (
    "/api/token/",
    "/api/schema/",
    "/kam/sign-up/",
    "/kam/password-reset/",
    "/notifications/unsubscribe/",
    "/call/calendar/{",
    "/health/",
)

# What they answer is a secret, or nobody could ask for it again.
SECRET = ("/call/calendar/", "/kam/me/password/", "/kam/me/log-out-everywhere/", "/kam/api-keys/")
# No rows with a version: the last word counts.
UNVERSIONED = ("/call/calendar/", "/notifications/preferences/", "/kam/me/sessions/{session}/")


@cache
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(document("json"))
    return loaded


def documented() -> dict[str, Operation]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in schema()["paths"].items()
        for method, operation in methods.items()
    }


def whole(part: dict[str, Any]) -> dict[str, Any]:
    """The part itself, or what it refers to."""
    if "$ref" not in part:
        return part
    _, _, kind, name = part["$ref"].split("/")
    found: dict[str, Any] = schema()["components"][kind][name]
    return found


def contents(operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each body that the operation takes or gives, with its media type."""
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    return ((media, body) for one in bodies for media, body in whole(one).get("content", {}).items())


EVERY = pytest.mark.parametrize("name", sorted(documented()))


def test_it_is_in_step_with_the_code() -> None:
    kept = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())

    assert kept == yaml.safe_load(document("yaml")), "make schema"


def test_it_documents_every_route_and_no_other() -> None:
    routes = {str(operation).replace("{pk}", "{id}") for operation in operations()}

    assert set(documented()) == routes - PAGES


def test_it_lists_every_endpoint_on_the_page() -> None:
    listed = {
        f"{method} {path.strip('`')}"
        for row in REFERENCE.table("path")
        for path in row["path"].split(", ")
        for method in row["methods"].split(", ")
    }
    indexes = {name for name, operation in documented().items() if operation["operationId"].endswith("_index")}

    assert listed == set(documented()) - indexes


@EVERY
def test_it_says_in_words_what_an_operation_does(name: str) -> None:
    operation = documented()[name]

    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"][0] in {tag["name"] for tag in schema()["tags"]}
    assert all(whole(parameter)["description"] for parameter in operation.get("parameters", []))


@EVERY
def test_it_shows_examples_that_hold(name: str) -> None:
    for media, body in contents(documented()[name]):
        shown = [one["value"] for one in body.get("examples", {}).values()]
        checker = Draft202012Validator({**body["schema"], "components": schema()["components"]})
        assert shown or is_its_own_example(body["schema"]) or name == "GET /api/schema/", media
        for value in shown:
            assert [error.message for error in checker.iter_errors(value)] == []


def is_its_own_example(shape: dict[str, Any]) -> bool:
    """Whether the shape leaves no choice."""
    if properties := shape.get("properties"):
        return all("const" in one for one in properties.values())
    return shape.get("maxProperties") == 0


@EVERY
def test_it_says_how_an_operation_refuses(name: str) -> None:
    operation = documented()[name]
    closed = not name.split()[1].startswith(OPEN)
    expected = {"400", "406", "503"} | ({"401"} if closed else set()) | ({"404"} if "{id}" in name else set())
    if "requestBody" in operation:
        expected |= {"413", "415"}

    assert expected <= set(operation["responses"])
    for code, answer in operation["responses"].items():
        if code >= "400":
            assert list(whole(answer)["content"]) == ["application/problem+json"]
    assert operation.get("security", [])[:1] == ([{"bearer": []}] if closed else [])
    assert [one for one in operation.get("security", [])[1:] if one.keys() != {"apiKey"}] == []


@EVERY
def test_it_names_the_headers_that_make_a_write_safe(name: str) -> None:
    sent = {whole(one)["name"] for one in documented()[name].get("parameters", []) if whole(one)["in"] == "header"}
    method, path = name.split()

    if method == "POST" and not path.startswith((*OPEN, *SECRET)):
        assert "Idempotency-Key" in sent
    if method in {"PUT", "PATCH", "DELETE"} and path not in UNVERSIONED:
        assert "If-Match" in sent


def test_it_names_each_operation_once() -> None:
    names = [operation["operationId"] for operation in documented().values()]

    assert len(names) == len(set(names))


def test_it_takes_no_unknown_key() -> None:
    bodies = {name: shape for name, shape in schema()["components"]["schemas"].items() if name.endswith("Request")}

    assert bodies
    assert [name for name, shape in bodies.items() if shape.get("additionalProperties") is not False] == []


def test_it_gives_bare_arrays() -> None:
    lists = {name: shape for name, shape in schema()["components"]["schemas"].items() if name.endswith("List")}

    assert len(lists) >= 8
    assert {shape["type"] for shape in lists.values()} == {"array"}


# --- the pages ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "accept", "media"),
    [
        ("", "*/*", "application/json"),
        ("", "application/yaml", "application/yaml"),
        ("?format=yaml", "application/json", "application/yaml"),
        ("?format=json", "text/html", "application/json"),
    ],
)
def test_it_is_served_in_both_formats_to_anybody(query: str, accept: str, media: str) -> None:
    answer = api().get(f"/api/schema/{query}", Accept=accept)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, media)
    assert yaml.safe_load(answer.content)["openapi"].startswith("3.1.")


def test_it_refuses_a_format_by_the_names_of_those_there_are() -> None:
    answer = api().get("/api/schema/?format=xml")

    assert answer.status_code == 400
    assert answer.json()["errors"] == {"format": ["Use one of json, yaml."]}


@pytest.mark.parametrize("path", ["/api/docs/", "/api/docs/?script", "/api/redoc/"])
def test_it_asks_no_other_host(path: str) -> None:
    answer = api().get(path)

    assert answer.status_code == 200
    assert "//" not in answer.content.decode().replace(f"//{'testserver'}", "").replace("// ", "")
    assert "http" not in answer.headers["Content-Security-Policy"]


def test_it_loosens_the_content_policy_for_redoc_alone() -> None:
    docs, redoc = (api().get(path).headers["Content-Security-Policy"] for path in ("/api/docs/", "/api/redoc/"))

    assert "unsafe" not in docs
    assert "script-src 'self';" in redoc
    assert {part.strip() for part in redoc.split(";")} - {part.strip() for part in docs.split(";")} == {
        "style-src 'self' 'unsafe-inline'",
        "worker-src blob:",
    }


# --- the codes ------------------------------------------------------------------------------------
def test_it_lists_every_code_that_can_be_answered() -> None:
    listed = {code.strip("` ") for row in REFERENCE.table("code") for code in row["code"].split(",")}

    assert listed == set(raised()) | set(of_the_framework())


def raised() -> Iterator[str]:
    """The codes that our own code names: on an exception class, or where a problem is made."""
    for path, tree in sources(ROOT):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and "/admin" not in path:
                yield from (text(part.value) for part in node.body if isinstance(part, ast.Assign) and names_code(part))
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"Problem", "_always"}:
                yield text(node.args[1])
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "ProblemResponse":
                yield from (text(given.value) for given in node.keywords if given.arg == "code")
            elif isinstance(node, ast.Dict) and path == "common/api/problems.py":
                pairs = zip(node.keys, node.values, strict=True)
                yield from (text(value) for key, value in pairs if key and text(key) == "code" and text(value))


def names_code(part: ast.Assign) -> bool:
    """A field of a serializer may be called so, too."""
    return ast.unparse(part.targets[0]) == "code" and isinstance(part.value, ast.Constant)


def text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def of_the_framework() -> Iterator[str]:
    """Those of the exceptions that the framework raises itself."""
    own = (kind for kind in vars(exceptions).values() if isinstance(kind, type))
    for kind in (InvalidToken, *own):
        if issubclass(kind, exceptions.APIException):
            yield str(kind.default_code)
