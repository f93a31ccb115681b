"""The ASGI entry point, for servers that speak it."""

import os

from django.core.asgi import get_asgi_application

from common.middleware import readable_asgi

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "LeadManagementSystem.settings")
application = readable_asgi(get_asgi_application())
