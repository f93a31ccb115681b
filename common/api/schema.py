"""OpenAPI from the code: what the kit does for every resource is said here, once.

Summaries come from a resource's name, filters and fields from their declarations, refusals and headers from what
the base view does. A view adds `@extend_schema` where a verb is its own; a serializer adds `@example`.
"""

# drf-spectacular's own methods have no types.
# mypy: disallow-untyped-calls=False
from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, TypeVar

import inflection
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import (
    ResolvedComponent,
    append_meta,
    build_parameter_type,
    force_instance,
    get_doc,
    get_lib_doc_excludes,
    is_list_serializer,
)
from drf_spectacular.utils import Direction, OpenApiExample, extend_schema_serializer
from rest_framework.permissions import SAFE_METHODS

from common.api import fields, openapi, serializers, views

JSON = dict[str, Any]
Serializer = TypeVar("Serializer", bound=type)


def example(
    *, sent: JSON | None = None, adds: JSON | None = None, changed: JSON | None = None
) -> Callable[[Serializer], Serializer]:
    """Show a serializer's shape by example: what is sent, what the answer adds to it, and what a PATCH sends."""

    def show(serializer: Serializer) -> Serializer:
        requests = {"Sent": sent, "Changed": changed}
        shown = [OpenApiExample(name, value=one, request_only=True) for name, one in requests.items() if one]
        if adds is not None:
            answered = {**(sent or {}), **adds}
            order = getattr(getattr(serializer, "Meta", None), "fields", answered)
            answered = {name: answered[name] for name in order if name in answered}
            shown.append(OpenApiExample("Answered", value=answered, response_only=True))
        return extend_schema_serializer(examples=shown)(serializer)

    return show


def undocumented() -> list[type]:
    """The classes whose docstrings speak to developers of the kit, not to callers of the API."""
    kit = (value for module in (serializers, views) for value in vars(module).values() if isinstance(value, type))
    return [*get_lib_doc_excludes(), *kit]


class Schema(AutoSchema):
    """One operation, from its view."""

    view: Any

    # --- words --------------------------------------------------------------------------------
    @property
    def verb(self) -> str:
        """The name of the view's method that answers."""
        return str(getattr(self.view, "action", None) or self.method_mapping[self.method.lower()])

    def get_summary(self) -> str | None:
        return self._worded(openapi.VERBS[self.verb].summary) if self._is_standard else None

    def get_description(self) -> str:  # type: ignore[override] # as drf-spectacular has it
        said: list[str] = []
        if self._is_standard:
            said = [self._worded(openapi.VERBS[self.verb].description)]
        elif not self._is_report:
            return super().get_description()
        if self.verb == "list" or not hasattr(self.view, "list"):
            said.insert(0, get_doc(self.view.__class__))
        if self.verb == "list" and self.view.opened_by:
            opened_by = " or ".join(f"`{name}`" for name in sorted(self.view.opened_by))
            said.append(openapi.PORTFOLIO.format(opened_by=opened_by))
        return "\n\n".join(filter(None, said))

    @property
    def _is_standard(self) -> bool:
        return isinstance(self.view, views.RowsView) and self.verb in openapi.VERBS and not self._is_report

    @property
    def _is_report(self) -> bool:
        return isinstance(self.view, views.Reports)

    def _worded(self, text: str) -> str:
        name = self.view.basename or self.view.get_serializer_class().Meta.model._meta.verbose_name
        name = str(name).replace("-", " ")
        article = "an" if name[0].lower() in "aeiou" else "a"
        return text.format(one=f"{article} {name}", many=inflection.pluralize(name))

    def get_operation_id(self) -> str:
        """Path and verb, `lead_restaurants_list`, or module and view, `token_log_in`."""
        words = [word.replace("-", "_") for word in self._tokenize_path()]
        verb = self.verb
        if not isinstance(self.view, views.RowsView):
            words = words[:1]
            verb = inflection.underscore(type(self.view).__name__).removesuffix("_view")
        if words and verb.endswith(words[-1]):
            words.pop()
        return "_".join([*words, verb])

    # --- the operation ------------------------------------------------------------------------
    def get_operation(self, *args: Any, **kwargs: Any) -> JSON | None:
        operation: JSON | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        answers = operation["responses"]
        for code, answer in answers.items():
            answer["description"] = answer["description"] or HTTPStatus(int(code)).phrase
            if headers := self._headers(self._answer_headers(code)):
                answer["headers"] = {**answer.get("headers", {}), **headers}
        if "IfNoneMatch" in self._header_parameters():
            answers["304"] = {"description": "Nothing has changed since.", "headers": self._headers(["ETag"])}
        for status in self._refusals(has_body="requestBody" in operation):
            answers.setdefault(str(status), self._refusal(status))
        operation["responses"] = dict(sorted(answers.items()))
        return operation

    def _get_parameters(self) -> list[JSON]:
        headers = (self._shared("parameters", name, openapi.PARAMETERS[name]) for name in self._header_parameters())
        return [*super()._get_parameters(), *headers]

    def _header_parameters(self) -> Iterable[str]:
        if self.method == "POST" and self._is_replayable:
            yield "IdempotencyKey"
        if self._is_on_a_row and self.method not in SAFE_METHODS:
            yield "IfMatch"
        if self.method == "GET" and self._shows_a_row:
            yield "IfNoneMatch"

    def _answer_headers(self, code: str) -> Iterable[str]:
        if self._is_list_view() and not self._is_report:
            yield from ("Link", "X-Total-Count")
        if self._shows_a_row:
            yield "ETag"
        if code == "201":
            yield "Location"
        if self.method == "POST" and self._is_replayable:
            yield "Idempotency-Replayed"

    def _refusals(self, *, has_body: bool) -> Iterable[int]:
        """The statuses with which the base view may refuse this operation."""
        yield from (400, 406, 503)
        if self.view.limited:
            yield 429
        if self.get_auth():
            yield 401
            if self.method not in SAFE_METHODS:
                yield from (403, 409)
        if "{id}" in self.path:
            yield 404
        if self._is_on_a_row and self.method not in SAFE_METHODS:
            yield 412
            if self.method != "POST":
                yield 428
        if has_body:
            yield from (413, 415)
        if self.method == "POST" and self._is_replayable:
            yield 422
        yield from self.view.refusals

    @property
    def _is_replayable(self) -> bool:
        return bool(self.view.transactional and self.view.replayable)

    @property
    def _is_on_a_row(self) -> bool:
        return isinstance(self.view, views.RowsView) and bool(self.view.detail)

    @property
    def _shows_a_row(self) -> bool:
        if not isinstance(self.view, views.RowsView) or self.view.lists or self.method == "DELETE":
            return False
        return isinstance(force_instance(self.get_response_serializers()), self.view.get_serializer_class())

    def get_response_serializers(self) -> Any:
        farewell = getattr(self.view, "farewell", None) if self.verb == "destroy" else None
        if farewell is None:
            return super().get_response_serializers()
        said = {key: {"type": "string", "const": text} for key, text in farewell.items()}
        return {200: {"type": "object", "properties": said, "required": list(said)}}

    # --- shared parts -------------------------------------------------------------------------
    def _shared(self, kind: str, name: str, schema: JSON) -> JSON:
        """A reference to a component, which appears in the document once it is used."""
        component = ResolvedComponent(name=name, type=kind, schema=schema, object=name)
        self.registry.register_on_missing(component)
        return dict(component.ref)

    def _headers(self, names: Iterable[str]) -> JSON:
        return {name: self._shared("headers", name, openapi.HEADERS[name]) for name in names}

    def _refusal(self, status: int) -> JSON:
        refusal = openapi.REFUSALS[status]
        problem = self._shared("schemas", "Problem", openapi.PROBLEM)
        return self._shared("responses", refusal.name, refusal.response(problem, self._headers(refusal.headers)))

    # --- parameters and shapes ----------------------------------------------------------------
    def _resolve_path_parameters(self, variables: list[str]) -> list[JSON]:
        key = {**fields.ID, "description": openapi.ROW_WORDS["id"]}
        schemas = [dict(self.view.path_schemas.get(name, key)) for name in variables]
        return [
            build_parameter_type(name=name, location="path", description=schema.pop("description"), schema=schema)
            for name, schema in zip(variables, schemas, strict=True)
        ]

    def _is_list_view(self, serializer: Any = None) -> bool:
        return is_list_serializer(serializer) or (isinstance(self.view, views.RowsView) and self.view.lists)

    def get_paginated_name(self, serializer_name: str) -> str:
        return f"{serializer_name}List"

    def _get_examples(self, serializer: Any, direction: Direction, *args: Any, **kwargs: Any) -> JSON:
        """A PATCH is shown with a change, what is sent otherwise with all of it."""
        found: JSON = super()._get_examples(serializer, direction, *args, **kwargs)
        other = "Sent" if self.method == "PATCH" and "Changed" in found else "Changed"
        return {name: shown for name, shown in found.items() if name != other}

    def _map_serializer_field(self, field: Any, direction: Direction, *args: Any, **kwargs: Any) -> JSON:
        """A field of the kit says its schema itself."""
        if not hasattr(field, "schema"):
            return dict(super()._map_serializer_field(field, direction, *args, **kwargs))
        said = field.schema(sent=direction == "request")
        if direction == "response" and _may_be_null(field):
            said = {**said, "nullable": True}
        return append_meta(said, self._get_serializer_field_meta(field, direction))

    def _get_serializer_field_meta(self, field: Any, direction: Direction) -> JSON:
        meta: JSON = super()._get_serializer_field_meta(field, direction)
        if isinstance(field.parent, serializers.Strict):
            words = {**openapi.ROW_WORDS, **field.parent.words}.get(field.field_name)
            return {**meta, "description": words} if words else meta
        return meta

    def _get_request_for_media_type(
        self, serializer: Any, direction: Direction = "request"
    ) -> tuple[JSON | None, bool]:
        if self.method == "PATCH" and self.verb != "partial_update":
            # The body of an action comes whole, whatever its method.
            return self.resolve_serializer(serializer, direction).ref, True
        schema, required = super()._get_request_for_media_type(serializer, direction)
        return schema, required

    def _insert_field_validators(self, field: Any, schema: JSON) -> None:
        if not hasattr(field, "schema"):
            super()._insert_field_validators(field, schema)

    def _postprocess_serializer_schema(self, schema: JSON, serializer: Any, direction: Direction) -> JSON:
        """What is sent is strict, and its read-only keys are ignored; an answer holds all that is not optional."""
        properties = schema.get("properties", {})
        if direction == "response":
            optional: frozenset[str] = getattr(serializer, "optional", frozenset())
            schema["required"] = [name for name in properties if name not in optional]
            if not schema["required"]:
                del schema["required"]
            return schema
        ignored = {name for name, said in properties.items() if said.get("readOnly")}
        schema["properties"] = {
            name: {"readOnly": True} if name in ignored else said for name, said in properties.items()
        }
        schema["required"] = [name for name in schema.get("required", []) if name not in ignored]
        if not schema["required"]:
            del schema["required"]
        if isinstance(serializer, serializers.Strict):
            schema["additionalProperties"] = False
            refused = [*serializer.contradictory, *(() if serializer.partial else serializer.incomplete)]
            if refused:
                schema["not"] = {"anyOf": refused}
        return schema


def _may_be_null(field: Any) -> bool:
    """Whether the column may be: read-only fields do not say so themselves."""
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    columns = {column.name: column for column in model._meta.fields} if model else {}
    return field.source in columns and columns[field.source].null
