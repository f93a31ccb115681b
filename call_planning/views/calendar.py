from __future__ import annotations

from hashlib import blake2b
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from call_planning.models import CalendarFeed
from call_planning.serializers import CalendarSerializer, NewCalendarSerializer
from common.api.preconditions import not_modified
from common.api.renderers import CalendarRenderer
from common.api.serializers import StrictSerializer
from kams.views.forms import DoorView, FormView

EXAMPLE = """BEGIN:VCALENDAR
VERSION:2.0
METHOD:PUBLISH
X-WR-CALNAME:Calls of asha.menon
BEGIN:VEVENT
SUMMARY:Call The Great Restaurant
DTSTART:20241230T093000Z
DTEND:20241230T094500Z
DTSTAMP:20241228T100000Z
UID:call-plan-1@kam.example.com
DESCRIPTION:John Doe\\, 123-456-7890
STATUS:TENTATIVE
END:VEVENT
END:VCALENDAR
"""


class CalendarView(FormView):
    """The caller's own feed: whether there is one, a new one, and none."""

    serializer_class = StrictSerializer

    @extend_schema(
        operation_id="call_show_calendar", summary="Show whether my calendar feed is on", responses=CalendarSerializer
    )
    def get(self, request: Request) -> Response:
        """Its address is not shown again: who has lost it makes another one."""
        feed = CalendarFeed.objects.of(self.person).select_related("user").first()
        good = feed is not None and feed.is_good
        return Response({"active": good, "created_at": feed.created_at if feed is not None and good else None})

    @extend_schema(
        operation_id="call_open_calendar",
        summary="Make an address for my calendar",
        request=None,
        responses={201: NewCalendarSerializer},
    )
    def post(self, request: Request) -> Response:
        """A secret address, shown this once, for a calendar program to subscribe to.

        Whoever has it reads the caller's calls without a log-in. An older one ends; so does this one with DELETE, with
        a changed password, and with a deactivation.
        """
        self.given()
        feed = CalendarFeed.objects.add(by=self.person, at=self.now)
        here = {"Location": request.build_absolute_uri(request.path)}
        return Response({"url": feed.url, "created_at": feed.created_at}, status.HTTP_201_CREATED, headers=here)

    @extend_schema(operation_id="call_close_calendar", summary="End my calendar feed", responses={204: None})
    def delete(self, request: Request) -> Response:
        """The address answers 404 from now on. Without a feed, nothing happens."""
        CalendarFeed.objects.revoke(self.person)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CalendarFeedView(DoorView):
    """What a calendar program reads. The address is the secret: no token comes along."""

    renderer_classes = (CalendarRenderer,)
    refusals = frozenset({404})
    path_schemas = {
        "token": {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$", "description": "As the address has it."}
    }

    @extend_schema(
        operation_id="call_read_calendar",
        summary="Read a calendar feed",
        parameters=[
            OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="The `ETag` you have."),
            OpenApiParameter("ETag", str, OpenApiParameter.HEADER, description="Its state.", response=[200]),
        ],
        responses={
            (200, "text/calendar"): OpenApiTypes.STR,
            304: OpenApiResponse(description="Nothing has changed since."),
        },
        examples=[OpenApiExample("Answered", value=EXAMPLE, media_type="text/calendar")],
    )
    def get(self, request: Request, token: str) -> Response:
        """The calls that are due within 30 days as iCalendar (RFC 5545), one event for each plan.

        It holds what is allocated to the person, shared with them or covered by them, 500 events at most, those that
        are due first. An event lies at `suggested_call_at`; where there is no such moment, it is all day on the day on
        which the call is due, or today. 404 for an address that was never given out, or has ended.
        """
        feed = CalendarFeed.objects.opened_by(token)
        if feed is None:
            raise NotFound
        body = feed.calendar(at=self.now)
        headers: dict[str, Any] = {"ETag": f'"{blake2b(body, digest_size=8).hexdigest()}"'}
        if not_modified(request, headers["ETag"]):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
        return Response(body, headers={**headers, "Content-Disposition": 'inline; filename="calls.ics"'})
