"""Errors as RFC 9457 `application/problem+json`: one shape, whatever went wrong and wherever.

`errors` maps a field to its messages; what is nested keeps its path (`order.quantity`), what is in a list its place.
"""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views import defaults
from rest_framework import exceptions
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.settings import api_settings

from common.api.renderers import dumps
from common.errors import InvalidInput, NotAllowed, RuleBroken

logger = logging.getLogger(__name__)

TITLES = {
    400: "The request is malformed or invalid",
    401: "Log in first",
    403: "Not allowed",
    404: "Not found",
    405: "This method is not offered here",
    406: "No type that you accept is offered",
    409: "A rule refuses the change",
    412: "The row has changed since it was read",
    413: "The body is too large",
    415: "Only JSON is understood",
    422: "The idempotency key was used for another request",
    428: "Say which version you change",
    429: "Too many requests",
    500: "Something went wrong here",
    503: "Not available for the moment",
}
RETRY_AFTER_SECONDS = 5
# How many faults of one kind an answer names: a body may hold a hundred thousand.
MOST_NAMED = 20


class Problem(APIException):
    """A refusal that an API module raises by status and code."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Mapping[str, list[str]] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail, code)
        self.status_code = status
        self.code = code
        self.errors = errors or {}
        self.retry_after = retry_after


class ProblemResponse(HttpResponse):
    """The answer for a refusal: rendered at once, so that no negotiation can turn it into something else."""

    def __init__(
        self,
        request: HttpRequest,
        *,
        status: int,
        code: str,
        detail: str,
        errors: Mapping[str, list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        body = {
            "type": f"urn:kam:problem:{code}",
            "title": TITLES.get(status, "The request failed"),
            "status": status,
            "detail": detail,
            "instance": request.path,
            "code": code,
            "errors": errors or {},
        }
        super().__init__(
            dumps(body),
            status=status,
            content_type="application/problem+json",
            headers={"Cache-Control": "no-store", **(headers or {})},
        )


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> HttpResponseBase | None:
    """Translate whatever a view raised; None lets a crash go on to `server_error`."""
    request: HttpRequest = context["request"]._request
    return translate(exc, request)


def translate(exc: Exception, request: HttpRequest) -> ProblemResponse | None:
    """The answer for a known kind of exception; None for a crash."""
    for kinds, words in _TRANSLATIONS:
        if isinstance(exc, kinds):
            return ProblemResponse(request, **words(exc))
    return None


def _rule_broken(exc: RuleBroken) -> dict[str, Any]:
    status = 400 if isinstance(exc, InvalidInput) else 403 if isinstance(exc, NotAllowed) else 409
    errors = {field: [message] for field, message in exc.errors.items()}
    return {"status": status, "code": exc.code, "detail": exc.message, "errors": errors}


def _invalid(exc: ValidationError) -> dict[str, Any]:
    detail = "The values of the named fields are not valid."
    return {"status": 400, "code": "invalid", "detail": detail, "errors": flat(exc.detail)}


def _problem(exc: Problem) -> dict[str, Any]:
    retry = {} if exc.retry_after is None else {"Retry-After": str(exc.retry_after)}
    return {
        "status": exc.status_code,
        "code": exc.code,
        "detail": str(exc.detail),
        "errors": exc.errors,
        "headers": retry,
    }


def _api_exception(exc: APIException) -> dict[str, Any]:
    return {
        "status": exc.status_code,
        "code": str(exc.default_code),
        "detail": _words(exc),
        "headers": _headers(exc),
    }


def _not_acceptable(exc: exceptions.NotAcceptable) -> dict[str, Any]:
    types = ", ".join(renderer.media_type for renderer in exc.available_renderers or ())
    return {"status": 406, "code": "not_acceptable", "detail": f"Offered here: {types}."}


def _database_away(exc: Exception) -> dict[str, Any]:
    logger.error("The database did not answer: %s", exc)
    detail = "The data cannot be reached for the moment. Try again soon."
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return {"status": 503, "code": "unavailable", "detail": detail, "headers": headers}


def _always(status: int, code: str, detail: str) -> Callable[[Any], dict[str, Any]]:
    return lambda _: {"status": status, "code": code, "detail": detail}


# The first that fits counts: what is special stands before what is general.
_TRANSLATIONS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Callable[[Any], dict[str, Any]]], ...] = (
    (RuleBroken, _rule_broken),
    (ValidationError, _invalid),
    (Problem, _problem),
    ((Http404, exceptions.NotFound), _always(404, "not_found", "There is nothing here for you.")),
    (PermissionDenied, _always(403, "not_allowed", "You may not do this.")),
    (exceptions.NotAcceptable, _not_acceptable),
    (APIException, _api_exception),
    (RequestDataTooBig, _always(413, "too_large", "Send less than 1 MB.")),
    ((SuspiciousOperation, DataError), _always(400, "invalid", "This request cannot be understood.")),
    (
        IntegrityError,
        _always(409, "conflict", "Another request has changed this meanwhile. Read it again, then decide."),
    ),
    ((OperationalError, InterfaceError), _database_away),
)


def flat(detail: Any, path: str = "") -> dict[str, list[str]]:
    """The messages of a nested error by the path of their field."""
    found: dict[str, list[str]] = {}
    for where, message in _walk(detail, path):
        found.setdefault(where or "body", []).append(message)
    return found


def _walk(detail: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            # What is wrong with a nested body as a whole is wrong with its field.
            whole = path and key == api_settings.NON_FIELD_ERRORS_KEY
            yield from _walk(inner, path if whole else f"{path}.{key}" if path else str(key))
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            yield from _walk(inner, f"{path}.{place}" if isinstance(inner, Mapping | list) else path)
    else:
        yield path, str(detail)


def _words(exc: APIException) -> str:
    detail: Any = exc.detail
    if isinstance(detail, Mapping):  # as simplejwt words its refusals
        return str(detail.get("detail", exc.default_detail))
    return str(detail)


def _headers(exc: APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return headers


def unknown(name: str, known: Iterable[str], *, what: str) -> str:
    """The sentence for a name that nobody knows, with the nearest that somebody does."""
    names = sorted(known)
    near = difflib.get_close_matches(name[:100], names, n=1, cutoff=0.5)
    if near:
        return f"Unknown {what}. Did you mean “{near[0]}”?"
    return f"Unknown {what}. Known: {', '.join(names)}." if names else f"Unknown {what}. None is taken here."


# --- What Django calls outside of any view; see `LeadManagementSystem.urls` -------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return translate(exception, request) or ProblemResponse(
        request, status=400, code="invalid", detail="This request cannot be understood."
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/admin/"):
        return defaults.permission_denied(request, exception)
    return ProblemResponse(request, status=403, code="not_allowed", detail="You may not do this.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/admin/"):
        return defaults.page_not_found(request, exception)
    hint = "" if request.path.endswith("/") else " Paths end with a slash."
    return ProblemResponse(request, status=404, code="not_found", detail=f"There is nothing at this path.{hint}")


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/admin/"):
        return defaults.server_error(request)
    return ProblemResponse(
        request, status=500, code="error", detail="This is our fault, and it has been logged. Nothing was changed."
    )
