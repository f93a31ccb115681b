"""The settings of the processes that these tests start: another table of jobs."""

import os

from LeadManagementSystem.settings import *  # noqa: F403 - all of them but one

JOBS = f"tests.jobs.table.{os.environ['JOBS_TABLE']}"
