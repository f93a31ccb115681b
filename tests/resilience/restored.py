"""The settings of tests that run on a database which was restored from a backup, with all that is in it."""

import os

from LeadManagementSystem.settings import *  # noqa: F403 - all of them but this
from LeadManagementSystem.settings import DATABASES

DATABASES["default"]["TEST"] = {"NAME": os.environ["RESTORED"]}
