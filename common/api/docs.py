"""The documentation: the OpenAPI document, and two pages that read it. Open to all, every byte from this server.

The pages keep the policy of `CONTENT_SECURITY_POLICY`; what one of them needs beyond it is said where it is given.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from csp.decorators import csp_update
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer2
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from common.api.pagination import refused
from common.api.views import BaseView

RENDERERS: dict[str, type[BaseRenderer]] = {"json": OpenApiJsonRenderer2, "yaml": OpenApiYamlRenderer2}


class ByFormat(DefaultContentNegotiation):
    """`?format=` counts more than `Accept`, so that a browser can ask for either."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        if (asked := request.query_params.get("format")) is None:
            return super().select_renderer(request, renderers, format_suffix)
        if asked not in RENDERERS:
            raise refused("format", f"Use one of {', '.join(RENDERERS)}.")
        return RENDERERS[asked](), RENDERERS[asked].media_type


class SchemaView(BaseView):
    authentication_classes = ()
    permission_classes = ()
    renderer_classes = tuple(RENDERERS.values())
    content_negotiation_class = ByFormat

    @property
    def known_parameters(self) -> set[str]:
        return {"format"}

    @extend_schema(
        summary="Show the OpenAPI document",
        description="As JSON or YAML, by `Accept` or by `format`.",
        parameters=[OpenApiParameter("format", enum=tuple(RENDERERS), description="Counts more than `Accept`.")],
        responses={200: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request) -> HttpResponse:
        renderer = request.accepted_renderer
        return HttpResponse(document(renderer.format), content_type=renderer.media_type)


@cache
def document(name: str) -> str | bytes:
    """The document in the format of this name; it takes a second to make, and is the same until the next release."""
    return RENDERERS[name]().render(SchemaGenerator().get_schema(request=None, public=True))


class SwaggerView(SpectacularSwaggerSplitView):
    template_name = "docs/swagger.html"


# Redoc writes styles into the page, some before it could be told a nonce, and searches in a worker made of a blob.
@method_decorator(csp_update({"style-src": ["'unsafe-inline'"], "worker-src": ["blob:"]}), name="dispatch")
class RedocView(SpectacularRedocView):
    template_name = "docs/redoc.html"
