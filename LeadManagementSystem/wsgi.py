"""The WSGI entry point: `gunicorn LeadManagementSystem.wsgi`."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from common.middleware import readable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "LeadManagementSystem.settings")
application = readable(get_wsgi_application(), limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
