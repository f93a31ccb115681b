"""Accounts by what they bring, how often they order, and what each month brought."""

from performance_tracking.models.account import Account, AccountSet
from performance_tracking.models.month import Month
from performance_tracking.models.order_rhythm import OrderRhythm, report_day
from performance_tracking.models.portfolio import Portfolio
from performance_tracking.models.portrait import portrait
from performance_tracking.models.scale import Scale
from performance_tracking.models.typical_cycle import TypicalCycle

__all__ = [
    "Account",
    "AccountSet",
    "Month",
    "OrderRhythm",
    "Portfolio",
    "Scale",
    "TypicalCycle",
    "portrait",
    "report_day",
]
