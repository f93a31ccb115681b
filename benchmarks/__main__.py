"""The service beside its peers: `python -m benchmarks --database-url postgres://…/kam_bench`, or `make bench`.

Starts the service, the bare floor and the same endpoints in FastAPI, django-ninja and stock DRF, has each give the same
answers, and measures for how long their processes and those of PostgreSQL are on a processor. The database is one of
`make bench-data`; `--reads` leaves it as it is but for the log-ins, which are taken back. An interrupted run goes on
where it was. On the machine of the database, with Linux.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from benchmarks.answers import Differs, Failed
from benchmarks.dataset import set_up
from benchmarks.ratios import table
from benchmarks.runs import Run, all_known
from benchmarks.serving import KINDS, DidNotStart, production, served

SERVERS = ("ours", "floor", "fastapi", "ninja", "stock")
logger = logging.getLogger("benchmarks")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("endpoints", nargs="*", metavar="NAME", help="all unless named")
    parser.add_argument("--database-url", default=os.environ.get("DATABASE_URL"), metavar="URL")
    parser.add_argument("--cache-url", default="locmemcache://", metavar="URL", help="such as redis://127.0.0.1:6379/0")
    parser.add_argument("--servers", nargs="+", choices=KINDS, default=SERVERS, metavar="NAME", help=", ".join(KINDS))
    parser.add_argument("--rounds", type=int, default=7, metavar="N")
    parser.add_argument("--seconds", type=float, default=0.5, help="of each server in each round")
    parser.add_argument("--reads", action="store_true", help="leave out what writes")
    parser.add_argument("--anew", action="store_true", help="forget what an interrupted run found")
    parser.add_argument("--results", type=Path, metavar="FOLDER", help="where to keep what is found")
    parser.add_argument("--check", action="store_true", help="compare all answers, and measure nothing")
    parser.add_argument("--show", action="store_true", help="print what is known, and measure nothing")
    asked = parser.parse_args()
    if asked.show:
        for known in all_known(*filter(None, [asked.results])):
            sys.stdout.write(f"{known['restaurants']:,} restaurants, {known['commit']}\n\n")
            sys.stdout.write(table(known["endpoints"], [*known["servers"]]) + "\n")
        return 0
    if not (asked.database_url or "").startswith("postgres"):
        parser.error("say which database of `make bench-data` to measure: --database-url postgres://…/kam_bench")
    # Also where it runs in the background, or is told to end: its servers end with it.
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, signal.default_int_handler)
    try:
        with TemporaryDirectory() as state, logging_redirect_tqdm():
            run = compare(asked, state)
    except (DidNotStart, Differs, Failed) as why:
        sys.stderr.write(f"{why}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted. Run it again to go on.\n")
        return 130
    sys.stdout.write(table(run.said["endpoints"], [*run.said["servers"]]))
    return 0


def compare(asked: argparse.Namespace, state: str) -> Run:
    environment = production(database_url=asked.database_url, cache_url=asked.cache_url, state=state)
    os.environ |= {**environment, "LOG_FORMAT": "console"}
    set_up(asked.database_url)
    logger.setLevel(logging.INFO)

    from django.utils import timezone  # noqa: PLC0415 - the settings had to be told the database

    from benchmarks.catching import dataset  # noqa: PLC0415
    from benchmarks.endpoints import endpoints  # noqa: PLC0415
    from benchmarks.rounds import check, log_out, measure  # noqa: PLC0415

    restaurants, data_ends_at = dataset()
    how = {
        "data_ends_at": data_ends_at,
        "began_at": timezone.now(),
        "limits_on_requests": "off, but for ours-limits",
        "cache": asked.cache_url.partition(":")[0],
        "asked_for_s": asked.seconds,
        "rounds": asked.rounds,
    }
    kinds = {name: KINDS[name].what for name in asked.servers}
    where = {"folder": asked.results} if asked.results else {}
    run = Run.begin(restaurants, kinds=kinds, anew=asked.anew, **where, **how)
    named = [one for one in endpoints() if not asked.endpoints or one.name in asked.endpoints]
    wanted = [one for one in named if one.name not in run.done and not (asked.reads and one.writes)]
    try:
        with (
            served(asked.servers, environment) as servers,
            psycopg.connect(asked.database_url, autocommit=True) as database,
            tqdm(wanted, unit=" endpoints", disable=None) as bar,
        ):
            for endpoint in bar:
                bar.set_postfix_str(endpoint.name)
                if not any(endpoint.is_offered_by(server.name) for server in servers):
                    continue
                if asked.check:
                    try:
                        check(endpoint, servers, database)
                    except (Differs, Failed) as why:
                        logger.error("%s: %s", endpoint.name, why)  # noqa: TRY400 - no crash of ours
                    continue
                result = measure(endpoint, servers, database, rounds=asked.rounds, seconds=asked.seconds)
                run.add(result)
                if bar.disable:
                    logger.info("%s: %s", endpoint.name, result["ratios"])
            if asked.check:
                return run
            run.finish({server.name: server.worker_mb for server in servers})
    finally:
        log_out()
    return run


if __name__ == "__main__":
    sys.exit(main())
