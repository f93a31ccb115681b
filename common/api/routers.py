"""Routes of one module, and its root: an index of links."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, URLResolver, path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from common.api.views import BaseView


class ModuleRouter(SimpleRouter):
    """A module's URL family, with the index of its collections at the root."""

    def urls_with_index(self, *others: str) -> list[URLPattern | URLResolver]:
        """The routes, and `GET` on the root answering the links of each collection and of `others`."""
        names = [prefix for prefix, _, _ in self.registry] + list(others)
        return [path("", index_of(names)), *self.urls]


def index_of(names: list[str]) -> Any:
    links = {name: {"type": "string", "format": "uri"} for name in names}
    example = {name: f"https://kam.example.com/…/{name}/" for name in names}

    class Index(BaseView):
        @extend_schema(
            summary="Index of the module",
            description="The links of this module's collections.",
            responses={200: {"type": "object", "properties": links, "required": names}},
            examples=[OpenApiExample("Links", value=example)],
        )
        def get(self, request: Request) -> Response:
            return Response({name: request.build_absolute_uri(f"{request.path}{name}/") for name in names})

    return Index.as_view()
