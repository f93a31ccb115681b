"""The settings of the processes that these tests start: another table of jobs, and a folder of their own."""

import os
from pathlib import Path

from LeadManagementSystem import env as variables
from LeadManagementSystem.settings import *  # noqa: F403 - all of them but these

variables.STATE_DIR = Path(os.environ["JOBS_FOLDER"])
JOBS = f"tests.runs.table.{os.environ['JOBS_TABLE']}"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
