"""The application as it is served, except that a key whose server died is free again after seconds, not a minute."""

from datetime import timedelta
from importlib import import_module

from LeadManagementSystem.wsgi import application

__all__ = ["application"]

vars(import_module("common.api.idempotency"))["LEASE"] = timedelta(seconds=3)  # once Django is set up
