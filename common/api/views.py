"""The base of every view: who asks, what may be asked, and one transaction for what changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import MethodNotAllowed, NotFound, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from common import replicas
from common.api import idempotency, limits, preconditions
from common.api.filters import declared_filters, values_of
from common.api.pagination import PARAMETERS, refused
from common.api.problems import Problem, unknown
from common.api.renderers import dumps
from common.api.rows import Reader, Record, reader_for
from common.api.statements import lock_of, row_of
from common.api.transactions import in_transaction

CHANGING = ("post", "put", "patch", "delete")


class BaseView(APIView):
    """What holds for every endpoint, whether it has rows or not."""

    # No OPTIONS: it would describe what OpenAPI says better, and `Allow` names what is offered.
    http_method_names = ["get", "head", *CHANGING]
    # False where the view itself decides what commits.
    transactional: ClassVar[bool] = True
    # False where the answer must not be stored, because it is a secret or the caller is nobody yet.
    replayable: ClassVar[bool] = True
    # Whether requests are counted: balancers ask as often as they like.
    limited: ClassVar[bool] = True
    # How much the caller has spent of what they may ask in a minute.
    spent: limits.Spent | None = None
    # What an API key has to be for, such as `leads`: to read `leads:read`, else `leads:write`. Without it none comes.
    scope: ClassVar[str] = ""
    # Statuses it refuses with beside those that the kit does: only the documentation asks.
    refusals: ClassVar[frozenset[int]] = frozenset()
    # What stands in its path where that is no id, as JSON Schema with its words: for the documentation, too.
    path_schemas: ClassVar[dict[str, dict[str, Any]]] = {}

    @cached_property
    def now(self) -> datetime:
        """The one moment of this request: when it came, or, once it holds a row, when it got that."""
        return timezone.now()

    @property
    def person(self) -> Any:
        """Who asks."""
        return self.request.user

    @property
    def known_parameters(self) -> set[str]:
        return set()

    def scope_for(self, method: str | None) -> str:
        """The scope that such a request needs of an API key; "" is one that no key has."""
        return self.scope and f"{self.scope}:{'read' if method in SAFE_METHODS else 'write'}"

    def check_permissions(self, request: Request) -> None:
        """An API key comes where it is for; what its owner may is asked as well."""
        needed = self.scope_for(request.method)
        if (is_for := getattr(request.auth, "is_for", None)) and not is_for(needed):
            lacks = f"This API key lacks the scope {needed}." if needed else "No API key comes here: log in."
            raise Problem(403, "scope_missing", lacks)
        super().check_permissions(request)

    def perform_authentication(self, request: Request) -> None:
        """Who asks, and whether too often. Whoever is let in as nobody counts for their address."""
        try:
            super().perform_authentication(request)
        finally:
            self.spent = limits.spend(request, at=self.now) if self.limited else None
            if self.spent is not None:
                self.spent.check()

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        if "Transfer-Encoding" in request.headers:
            # DRF takes a body without a length for none; whatever it says here, the parser reads to the end.
            request.META.setdefault("CONTENT_LENGTH", "1")
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        method = (request.method or "").lower()
        if method not in self.http_method_names or not hasattr(self, method):
            raise MethodNotAllowed(method.upper())
        known = self.known_parameters
        for name, values in request.query_params.lists():
            if name not in known:
                raise refused(name, unknown(name, known, what="parameter"))
            if len(values) > 1:
                raise refused(name, "Send it once.")
            if not values[0].strip():
                raise refused(name, "Send a value, or leave the parameter out.")
        if method in CHANGING:
            setattr(self, method, self._safely(getattr(self, method)))
        elif settings.DATABASE_ROUTERS and self.person is not None:
            # By now it is known who asks, and that comes from the primary.
            handler = getattr(self, method)
            setattr(self, method, lambda *args, **names: replicas.read(self.person, lambda: handler(*args, **names)))

    def _safely(self, handler: Callable[..., Response]) -> Callable[..., HttpResponseBase]:
        """The handler in one transaction, and at most once for one idempotency key."""
        key = idempotency.checked_key(self.request) if self.request.method == "POST" else None

        def run(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            def work() -> Response:
                return handler(request, *args, **kwargs)

            try:
                if not self.transactional:
                    return work()
                if key is None or not self.replayable:
                    return in_transaction(work)
                return idempotency.once(request, key, now=self.now, work=work)
            finally:
                # Also where it failed: a view that decides by itself what commits may have written before.
                replicas.wrote(self.person)

        return run

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response.headers.setdefault("Cache-Control", "private, no-cache" if "ETag" in response else "no-store")
        if self.spent is not None:
            for name, value in self.spent.headers.items():
                response.headers[name] = value
        return super().finalize_response(request, response, *args, **kwargs)


class RowsView(BaseView, GenericViewSet[Any]):
    """Rows of one model: listed in keyset pages, shown with an ETag, changed under a lock.

    A resource declares `serializer_class`, `filterset_class`, `ordering_fields`, `ordering`, and a `get_queryset`
    that begins with the person.
    """

    ordering_fields: ClassVar[tuple[str, ...]] = ("id",)
    ordering: ClassVar[str] = "id"
    # Figures among the orderings that rows which are not there make null: they are shown, and come, as 0.
    nulls_are_least: ClassVar[frozenset[str]] = frozenset()
    # List parameters that ask for rows beyond the caller's own portfolio.
    opened_by: ClassVar[frozenset[str]] = frozenset()
    # Whether a page's keys are gathered first, from many ranges of an index; its rows are then `of_keys`.
    gathers: bool = False
    lookup_value_regex = "[0-9]{1,18}"

    @property
    def lists(self) -> bool:
        """Whether the answer is an array of this view's rows."""
        return self.request.method in {"GET", "HEAD"} and not self.detail

    @property
    def lists_portfolio(self) -> bool:
        """Whether the caller wants just what is theirs."""
        return self.lists and not self.opened_by.intersection(self.request.query_params)

    @property
    def known_parameters(self) -> set[str]:
        return {*PARAMETERS, *declared_filters(self)} if self.lists else set()

    @cached_property
    def filters(self) -> dict[str, Any]:
        """The typed values of the declared filters that were sent, by name."""
        return values_of(self, self.request.query_params.dict())

    def asked(self, name: str, default: Any) -> Any:
        """The typed value of a declared filter, or what counts without it."""
        return self.filters.get(name, default)

    @property
    def reader(self) -> Reader:
        return reader_for(self.get_serializer_class())  # type: ignore[arg-type] # a class is hashable

    # --- answers ------------------------------------------------------------------------------
    def listed(self) -> Any:
        """The rows that are listed, filtered as asked. It goes by the caller, the time and `filters` alone."""
        return self.filter_queryset(self.get_queryset())

    def page(self) -> Response:
        """One page of what is listed, ordered as asked."""
        return self.paginator.answer(self)  # type: ignore[no-any-return,union-attr] # always a KeysetPagination

    def found(self, pk: int) -> Record | None:
        """One row as it is shown; None where the caller sees none."""
        return row_of(self, self.reader, pk=pk)

    def shown(self, pk: int, *, code: int = status.HTTP_200_OK, headers: dict[str, str] | None = None) -> Response:
        """One row as the caller sees it now, with its ETag."""
        record = self.found(pk)
        if record is None:
            raise NotFound
        tag = preconditions.etag(record["version"], dumps(record))
        if self.request.method in {"GET", "HEAD"} and preconditions.not_modified(self.request, tag):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
        return Response(record, status=code, headers={"ETag": tag, **(headers or {})})

    def made(self, row: Any) -> Response:
        """The answer for a new row, and where it is."""
        location = self.request.build_absolute_uri(f"{self.request.path}{row.pk}/")
        return self.shown(row.pk, code=status.HTTP_201_CREATED, headers={"Location": location})

    # --- input --------------------------------------------------------------------------------
    def get_lockable(self) -> Any:
        """The rows of which one is locked: those that are shown, with or without what is shown beside them."""
        return self.get_queryset()

    def locked(self, rows: Any = None) -> Any:
        """The row of this path, locked, for somebody who may change it and has read its newest version."""
        pk = self.kwargs["pk"]
        row = lock_of(self, pk=pk) if rows is None else rows.locked().filter(pk=pk).first()
        if row is None:
            raise NotFound
        if not self.may_change(row):
            raise PermissionDenied
        preconditions.check(self.request, row)
        # Who waited for the row came later than those who had it, whoever asked first: histories are told by time.
        self.now = timezone.now()
        return row

    def may_change(self, row: Any) -> bool:
        """Whether the caller, who sees this row, may change it."""
        return bool(self.person.may_edit)

    def given(
        self, row: Any = None, *, partial: bool = False, shape: type[BaseSerializer[Any]] | None = None
    ) -> dict[str, Any]:
        """The checked body, of the resource's shape or of an action's own."""
        serializer_class = shape or self.get_serializer_class()
        context = self.get_serializer_context()
        serializer = serializer_class(row, data=self.request.data, partial=partial, context=context)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data  # type: ignore[no-any-return] # a dict


class Lists(RowsView):
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.page()


class Reports(RowsView):
    """Figures about rows, as one array that comes whole: there are no pages, and no order to choose."""

    pagination_class = None

    @property
    def known_parameters(self) -> set[str]:
        return set(declared_filters(self))


class Shows(RowsView):
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.shown(kwargs["pk"])


class Creates(RowsView):
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = self.get_queryset().model.objects
        return self.made(rows.add(by=self.person, at=self.now, **self.given()))


class Updates(RowsView):
    def update(self, request: Request, *args: Any, partial: bool = False, **kwargs: Any) -> Response:
        row = self.locked()
        row.revise(by=self.person, at=self.now, **self.given(row, partial=partial))
        return self.shown(row.pk)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.update(request, *args, partial=True, **kwargs)


class Archives(RowsView):
    """DELETE puts the row away; nothing recorded is lost."""

    # What DELETE answers, with 200; without it the answer is 204 and no body.
    farewell: ClassVar[dict[str, str] | None] = None

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.locked().archive(by=self.person, at=self.now)
        return self.gone()

    def gone(self) -> Response:
        return Response(status=status.HTTP_204_NO_CONTENT) if self.farewell is None else Response(self.farewell)


class ResourceViewSet(Lists, Shows, Creates, Updates, Archives):
    """All that a resource offers: list, create, read, change, put away."""
