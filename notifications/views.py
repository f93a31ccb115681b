"""`/notifications/`: what one was told, what one wants to be told, and how a contact is told no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from common.api.rows import Reader, Record, reader_for
from common.api.serializers import StrictSerializer
from common.api.views import Lists, Shows
from kams.models import User
from kams.views.forms import DoorView, FormView
from notifications.events import unsubscribed
from notifications.filters import MessageFilter
from notifications.models import Message, Preference
from notifications.serializers import (
    ChoicesSerializer,
    MessageSerializer,
    PreferenceSerializer,
    ReadSerializer,
    UnreadSerializer,
    UnsubscribeSerializer,
    WholeMessageSerializer,
)
from notifications.unsubscribe import contact_of
from notifications.words import text_for


@dataclass(frozen=True)
class ReaderAloud(Reader):
    """Reads one message with its text, which is made of the facts for who asks."""

    person: User

    def one(self, rows: QuerySet[Any]) -> Record | None:
        for record, (facts,) in self.read(rows, "facts"):
            return {**record, "text": text_for(self.person, record["kind"], facts)}
        return None


@extend_schema_view(
    list=extend_schema(summary="List my messages"),
    retrieve=extend_schema(summary="Show one of my messages"),
)
class MessageViewSet(Lists, Shows):
    """What the caller was told in the app, newest first. Everybody has their own, and nobody sees those of others."""

    queryset = Message.objects.none()
    serializer_class = MessageSerializer
    filterset_class = MessageFilter
    permission_classes = (IsAuthenticated,)
    ordering = "-id"

    def get_queryset(self) -> Any:
        return Message.objects.visible_to(self.person)

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        return MessageSerializer if self.lists else WholeMessageSerializer

    @property
    def reader(self) -> Reader:
        plain = reader_for(MessageSerializer)
        return plain if self.lists else ReaderAloud(**vars(plain), person=self.person)

    def may_change(self, row: Any) -> bool:
        return True

    @extend_schema(request=None, summary="Mark one of my messages read")
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str) -> Response:
        """The first time counts; once more is no change."""
        message = self.locked()
        self.given(shape=StrictSerializer)
        message.read(at=self.now)
        return self.shown(message.pk)


class MineView(FormView):
    """For everybody who is logged in, about what is their own."""

    permission_classes = (IsAuthenticated,)
    serializer_class = StrictSerializer


class UnreadCountView(MineView):
    @extend_schema(summary="Count my unread messages", responses=UnreadSerializer)
    def get(self, request: Request) -> Response:
        """How many messages the caller has not marked read."""
        return Response({"unread": Message.objects.visible_to(self.person).unread().count()})


class ReadAllView(MineView):
    replayable = True

    @extend_schema(summary="Mark all my messages read", request=None, responses={200: ReadSerializer})
    def post(self, request: Request) -> Response:
        """Marks what is unread now, and says how many that were."""
        self.given()
        return Response({"read": Message.objects.visible_to(self.person).mark_read(at=self.now)})


class PreferencesView(MineView):
    serializer_class = ChoicesSerializer

    @extend_schema(
        operation_id="notifications_show_preferences",
        summary="Show my preferences",
        responses=PreferenceSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Every kind of message that can be switched, on each channel. Mails about one's account always come."""
        return Response(Preference.objects.of(self.person))

    @extend_schema(
        operation_id="notifications_change_preferences",
        summary="Change my preferences",
        request=ChoicesSerializer,
        responses={200: PreferenceSerializer(many=True)},
    )
    def patch(self, request: Request) -> Response:
        """Switches kinds of messages on or off by channel. It counts for what is on its way, too."""
        Preference.objects.say(self.person, self.given())
        return self.get(request)


class UnsubscribeView(DoorView):
    """By the link of a mail, which is signed; whether there is such a contact, nobody learns."""

    serializer_class = UnsubscribeSerializer
    refusals = frozenset({404})
    path_schemas = {
        "secret": {"type": "string", "pattern": r"^[0-9]+\.[A-Za-z0-9_-]+$", "description": "As the mail has it."}
    }

    @extend_schema(
        operation_id="notifications_show_unsubscribe",
        summary="Show how to unsubscribe",
        responses=UnsubscribeSerializer,
    )
    def get(self, request: Request, secret: str) -> Response:
        """Changes nothing: mail programs look at links by themselves. 404 for a link that is none of ours."""
        self.contact_of(secret)
        return Response({"detail": "Send POST to this address, and we write to you no more."})

    @extend_schema(summary="Unsubscribe", request=None, responses={200: UnsubscribeSerializer})
    def post(self, request: Request, secret: str) -> Response:
        """One click (RFC 8058), whatever the body: the contact gets no more messages. Again is no change."""
        unsubscribed.happened(contact=self.contact_of(secret), at=self.now)
        return Response({"detail": "We write to you no more."})

    def contact_of(self, secret: str) -> int:
        contact = contact_of(secret)
        if contact is None:
            raise NotFound
        return contact
