"""How gunicorn serves: `gunicorn --config deploy/gunicorn.conf.py LeadManagementSystem.wsgi`.

Where to listen and how many processes there are is said by `--bind` and `--workers`.
"""

import gc
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "LeadManagementSystem.settings")

from LeadManagementSystem.env import STATE_DIR
from LeadManagementSystem.watching import LOGGING, METRICS_TOKEN

chdir = str(ROOT)
wsgi_app = "LeadManagementSystem.wsgi"
worker_class = "gthread"
threads = 4
# One process imports, and its workers share what it holds: 15 MB less in each. New code needs a new start, no SIGHUP.
preload_app = True
limit_request_line = 8190  # a list with every filter

# Told to stop, it takes no more requests and finishes those it has; one that hangs for a minute is given up.
graceful_timeout = 30
timeout = 60
# Longer than a proxy keeps an idle connection, so that it is the proxy who closes.
keepalive = 75

# Heartbeats are files, which must not wait for a disk; nothing else is written.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - heartbeats only
control_socket_disable = True

# Its lines take the same way as ours. A line for each request is written by the service itself.
logconfig_dict = {
    **LOGGING,
    "loggers": {**LOGGING["loggers"], "gunicorn.error": {"handlers": [], "propagate": True}},
}

# Processes count into files of their own, so that whichever is asked tells of all; a new start begins at nothing. The
# folder has to be there before anything is imported.
if METRICS_TOKEN:
    counts = STATE_DIR / "metrics"
    counts.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counts)


def on_starting(_: Any) -> None:
    # A page that the collector looks at is a page that each worker has for itself: what is imported is no garbage.
    gc.collect()
    gc.freeze()
    if METRICS_TOKEN:
        for left in counts.iterdir():
            left.unlink()


def child_exit(_: Any, worker: Any) -> None:
    if METRICS_TOKEN:
        from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - an optional requirement

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call] # it says no types
