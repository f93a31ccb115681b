"""Accounts by what they bring, and how often they order."""

from performance_tracking.models.account import Account, AccountSet
from performance_tracking.models.order_rhythm import OrderRhythm, TypicalCycle

__all__ = ["Account", "AccountSet", "OrderRhythm", "TypicalCycle"]
