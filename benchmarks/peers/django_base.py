"""The settings that both peers in Django share: our models, no middleware that an API can do without."""

from LeadManagementSystem import settings as ours
from LeadManagementSystem.settings import *  # noqa: F403 - what is not said here is as in the service

MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
_database = ours.DATABASES["default"]
# A connection of its own for each thread, kept open, as most deployments have it.
DATABASES = {
    "default": {
        **_database,
        "CONN_MAX_AGE": None,
        "OPTIONS": {name: value for name, value in _database["OPTIONS"].items() if name != "pool"},
    }
}
