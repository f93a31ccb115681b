"""The outbox: what people and contacts are told, and what people want to be told."""

from notifications.models.message import Message
from notifications.models.preference import Preference

__all__ = ["Message", "Preference"]
