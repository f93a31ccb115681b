"""What all operations share in the OpenAPI document: words, headers, how refusals look, filters and tokens."""

# drf-spectacular's own methods have no types.
# mypy: disallow-untyped-calls=False
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from drf_spectacular.contrib.rest_framework_simplejwt import SimpleJWTScheme
from drf_spectacular.extensions import OpenApiFilterExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_parameter_type, get_doc

from common.api.fields import Schema
from common.api.filters import declared_filters
from common.api.idempotency import LONGEST_KEY
from common.api.problems import TITLES


@dataclass(frozen=True)
class Verb:
    """How an operation that most resources have is described; `{one}` and `{many}` name the resource."""

    summary: str
    description: str


VERBS: dict[str, Verb] = {
    "list": Verb(
        "List {many}",
        'One page of the {many} you see, as a bare array. Filters narrow it. Follow the `Link` with `rel="next"` for '
        "the next page; who follows it sees every row that stayed exactly once.",
    ),
    "retrieve": Verb("Show {one}", "With its `ETag`. What you may not see is not found."),
    "create": Verb(
        "Create {one}",
        "Answers the new row, its `ETag` and its `Location`. With an `Idempotency-Key` a retry creates it only once.",
    ),
    "update": Verb(
        "Replace {one}",
        "An answer can be changed and sent back: read-only keys are taken and ignored. Optional keys that are left "
        "out stay as they are. With `If-Match` nobody's change is overwritten.",
    ),
    "partial_update": Verb(
        "Change {one}", "What is left out stays as it is. With `If-Match` nobody's change is overwritten."
    ),
    "destroy": Verb(
        "Delete {one}", "It disappears from lists and counts. What was recorded is kept and can be restored."
    ),
}

PORTFOLIO = (
    "A KAM's list holds what is allocated to them, shared with them or covered by them; {opened_by} reaches all that "
    "they see."
)

# What the fields mean that most rows have.
ROW_WORDS = {
    "id": "The key of the row.",
    "created_at": "When it was entered.",
    "updated_at": "When it was last changed.",
    "version": "Counts the changes.",
}

PROBLEM: Schema = {
    "type": "object",
    "description": "Why a request was refused (RFC 9457).",
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Names the kind of problem, for programs."},
        "title": {"type": "string", "description": "What the status means here."},
        "status": {"type": "integer", "description": "The status of the answer."},
        "detail": {"type": "string", "description": "What was wrong with this request, and what to do."},
        "instance": {"type": "string", "description": "The path that was asked."},
        "code": {"type": "string", "description": "The last part of `type`; decide by this one."},
        "errors": {
            "type": "object",
            "description": "What is wrong with which field; nested fields by their path, such as `order.quantity`.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
    "required": ["type", "title", "status", "detail", "instance", "code", "errors"],
}


@dataclass(frozen=True)
class Refusal:
    """An answer of one status, with an example of its body."""

    name: str
    status: int
    code: str
    detail: str
    errors: dict[str, list[str]] = field(default_factory=dict)
    headers: tuple[str, ...] = ()

    def response(self, problem: Schema, headers: dict[str, Schema]) -> Schema:
        example = {
            "type": f"urn:kam:problem:{self.code}",
            "title": TITLES[self.status],
            "status": self.status,
            "detail": self.detail,
            "instance": "/lead/restaurants/1/",
            "code": self.code,
            "errors": self.errors,
        }
        shown = {"schema": problem, "examples": {self.name: {"value": example}}}
        answer: Schema = {"description": TITLES[self.status], "content": {"application/problem+json": shown}}
        return {**answer, "headers": headers} if headers else answer


_INVALID_EMAIL = {"email": ["Enter a valid email address."]}
_REFUSALS = (
    Refusal("Invalid", 400, "invalid", "The values of the named fields are not valid.", _INVALID_EMAIL),
    Refusal(
        "NotLoggedIn",
        401,
        "not_authenticated",
        "Authentication credentials were not provided.",
        headers=("WWW-Authenticate",),
    ),
    Refusal("NotAllowed", 403, "not_allowed", "You may not do this."),
    Refusal("NotFound", 404, "not_found", "There is nothing here for you."),
    Refusal("NotAcceptable", 406, "not_acceptable", "Offered here: application/json."),
    Refusal(
        "Refused",
        409,
        "transition_refused",
        "CONVERTED cannot become NEW. Allowed: LOST, INACTIVE.",
        {"lead_status": ["Use one of LOST, INACTIVE."]},
        headers=("Retry-After",),
    ),
    Refusal("Stale", 412, "stale", "Somebody has changed this row. Read it again, then decide."),
    Refusal("TooLarge", 413, "too_large", "A body holds 1000000 bytes at most."),
    Refusal("NotJson", 415, "unsupported_media_type", 'Unsupported media type "text/plain" in request.'),
    Refusal("KeyReused", 422, "idempotency_mismatch", "This key was used with another body. Use a fresh one."),
    Refusal("SayWhichVersion", 428, "precondition_required", "Send the ETag of the row you read as If-Match."),
    Refusal(
        "TooMany",
        429,
        "throttled",
        "600 requests a minute are allowed. Wait 45 seconds.",
        headers=("Retry-After", "RateLimit", "RateLimit-Policy"),
    ),
    Refusal(
        "Unavailable",
        503,
        "unavailable",
        "The data cannot be reached for the moment. Try again soon.",
        headers=("Retry-After",),
    ),
)
REFUSALS: dict[int, Refusal] = {refusal.status: refusal for refusal in _REFUSALS}


def _header(description: str, schema: Schema, example: Any) -> Schema:
    return {"description": description, "schema": schema, "example": example}


HEADERS: dict[str, Schema] = {
    "ETag": _header("The state of the row.", {"type": "string"}, '"3-9c1185a5c5e9fc54"'),
    "Link": _header(
        "Where the `first` and, if there is one, the `next` page is (RFC 8288).",
        {"type": "string"},
        '</lead/restaurants/?cursor=WyJpZCIs>; rel="next", </lead/restaurants/>; rel="first"',
    ),
    "X-Total-Count": _header(
        "How many rows there are on all pages; only with `count=exact`.", {"type": "integer", "minimum": 0}, 1250
    ),
    "Location": _header(
        "Where the new row is.", {"type": "string", "format": "uri"}, "https://kam.example.com/lead/restaurants/1/"
    ),
    "Idempotency-Replayed": _header(
        "`true` where this is the stored answer to an earlier request with the same key.",
        {"type": "string", "const": "true"},
        "true",
    ),
    "Retry-After": _header("The seconds to wait before the next try.", {"type": "integer", "minimum": 0}, 5),
    "RateLimit": _header(
        "How many requests are left (`r`) for how many seconds (`t`), by which policy; every answer has it.",
        {"type": "string"},
        '"person";r=0;t=45',
    ),
    "RateLimit-Policy": _header(
        "How many requests (`q`) there are in how many seconds (`w`).", {"type": "string"}, '"person";q=600;w=60'
    ),
    "WWW-Authenticate": _header("How to log in.", {"type": "string"}, 'Bearer realm="api"'),
}


def _sent(name: str, description: str, schema: Schema) -> Schema:
    # Without an example: Swagger UI would fill it in, and each second try would be refused.
    return {"name": name, "in": "header", "description": description, "schema": schema}


PARAMETERS: dict[str, Schema] = {
    "IdempotencyKey": _sent(
        "Idempotency-Key",
        "A text of your choice, such as a UUID, that makes a retry safe: the effect happens once, and the same request "
        "with the same key gets the same answer for 24 hours.",
        {"type": "string", "maxLength": LONGEST_KEY, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    ),
    "IfMatch": _sent(
        "If-Match",
        "The `ETag` of the row as you read it: somebody else's change in between makes the answer 412.",
        {"type": "string"},
    ),
    "IfNoneMatch": _sent(
        "If-None-Match",
        "The `ETag` you have: the answer is 304, without a body, as long as nothing has changed.",
        {"type": "string"},
    ),
}


# --- What drf-spectacular asks about our filters and tokens -----------------------------------------
class StrictFilterExtension(OpenApiFilterExtension):
    """The declared filters, each by its own `schema`."""

    target_class = "common.api.filters.StrictFilterBackend"
    priority = 1

    def get_schema_operation_parameters(self, auto_schema: AutoSchema, *args: Any, **kwargs: Any) -> list[Schema]:
        return [self._parameter(name, declared) for name, declared in declared_filters(auto_schema.view).items()]

    def _parameter(self, name: str, declared: Any) -> Schema:
        # Several values are one text with commas, NEW,CONTACTED, rather than the parameter several times.
        style = {"style": "form", "explode": False} if declared.schema.get("type") == "array" else {}
        words = declared.label or get_doc(type(declared))
        return build_parameter_type(name=name, location="query", schema=declared.schema, description=words, **style)


class BearerScheme(SimpleJWTScheme):
    """An access token; our own authentication is a kind of SimpleJWT's."""

    match_subclasses = True
    priority = 1
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> Schema:
        said: Schema = super().get_security_definition(auto_schema)
        return {**said, "description": "The `access` token of `POST /api/token/`; it lives 30 minutes."}
