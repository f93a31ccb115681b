"""A dataset of any size: `python -m benchmarks.dataset --restaurants 1000000 --database-url postgres://…/kam_bench`.

The database is made where there is none, and holds nothing else: one with something in it that did not come from here
is refused, and one that came from here is filled anew, also after an interruption. PostgreSQL only, as a superuser, for
the foreign keys are passed over.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dataset", description=__doc__)
    parser.add_argument("--restaurants", type=int, default=10_000, metavar="N")
    parser.add_argument("--interactions", type=float, default=20, metavar="N", help="of each restaurant, on average")
    parser.add_argument("--database-url", default=os.environ.get("DATABASE_URL"), metavar="URL")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at", type=datetime.fromisoformat, metavar="MOMENT", help="the end of what happened, not now")
    parser.add_argument("--workers", type=int, default=2, help="connections that work side by side")
    asked = parser.parse_args()
    if not (asked.database_url or "").startswith("postgres"):
        parser.error("say which PostgreSQL database to fill: --database-url postgres://…/kam_bench")
    make_database(asked.database_url)
    set_up(asked.database_url)

    from django.core.management import call_command  # noqa: PLC0415 - the settings had to be told the database
    from django.utils import timezone  # noqa: PLC0415

    from benchmarks.loading import Dataset, Refused  # noqa: PLC0415

    logging.getLogger("benchmarks").setLevel(logging.INFO)
    now = asked.at or timezone.now().replace(minute=0, second=0, microsecond=0)
    call_command("migrate", verbosity=0, interactive=False)
    dataset = Dataset(asked.restaurants, interactions=asked.interactions, seed=asked.seed, now=now)
    try:
        dataset.load(asked.database_url, workers=asked.workers)
    except Refused as why:
        sys.stderr.write(f"{why}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted. Run it again before the database is used: what is there is not whole.\n")
        return 130
    return 0


def make_database(url: str) -> None:
    """Make the database that the URL names, unless it is there."""
    parts = urlsplit(url)
    name = parts.path.lstrip("/")
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def set_up(url: str) -> None:
    """Start Django on that database. Reports count the days of UTC, as the dataset does."""
    os.environ |= {"DATABASE_URL": url, "TIME_ZONE": "UTC", "LOG_LEVEL": "WARNING"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "LeadManagementSystem.settings"
    import django  # noqa: PLC0415 - what it reads had to be there first

    django.setup()


if __name__ == "__main__":
    sys.exit(main())
