"""What the database does for an answer: `python -m benchmarks.statements --database-url postgres://…/kam_bench next`.

Each endpoint is asked as each of several people, at the moment to which the dataset goes. The statements of the answer
are then sent again, several times over. The figures are of all statements of an answer together: for how long the
process of PostgreSQL was on a processor, and how much of that it planned; how many buffers it looked at; and for how
long Python was on a processor. What was found for each size is kept in `benchmarks/results/`, and printed beside what
was found for the others. On the machine of the database, with Linux.
"""

from __future__ import annotations

import argparse
import os
import sys

from benchmarks.dataset import set_up
from benchmarks.findings import found, keep, table

# What is asked for, by the name under which it is asked.
ENDPOINTS = {
    "next": "/call/next/",
    "today": "/call/today/",
    "plans": "/call/",
    "plans-due": "/call/?ordering=next_call_date&page_size=50",
    "restaurants": "/lead/restaurants/?page_size=50",
    "restaurants-status": "/lead/restaurants/?status=CONVERTED&page_size=50",
    "restaurants-name": "/lead/restaurants/?ordering=name&page_size=50",
    "rhythm": "/performance/rhythm/?page_size=50",
    "patterns": "/performance/order-patterns/?page_size=50",
    "performing": "/performance/performing-accounts/?page_size=50",
    "interactions": "/track/interactions/?page_size=50",
    "orders": "/track/interactions/orders/?page_size=50",
    "contacts": "/contact/contacts/?page_size=50",
    "patterns-top": "/performance/order-patterns/?ordering=-orders_this_month&page_size=50",
    "rhythm-late": "/performance/rhythm/?state=LATE&page_size=50",
    "trends": "/performance/trends/",
    "summary": "/performance/summary/",
    "compliance": "/call/compliance/",
    # One restaurant in thirty has the first in its name, one has the second as its address, and none the third.
    "search-common": "/lead/restaurants/?search=kitchen&page_size=50",
    "search-rare": "/lead/restaurants/?search=place.4711%40&page_size=50",
    "search-absent": "/lead/restaurants/?search=xylophone&page_size=50",
}
PEOPLE = ("steady.kam", "heavy.kam", "team.manager", "admin")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.statements", description=__doc__)
    parser.add_argument("endpoints", nargs="*", metavar="NAME", help=", ".join(ENDPOINTS))
    parser.add_argument("--as", dest="people", action="append", metavar="USERNAME", help=", ".join(PEOPLE))
    parser.add_argument("--database-url", default=os.environ.get("DATABASE_URL"), required=False, metavar="URL")
    parser.add_argument("--repeats", type=int, default=7)
    asked = parser.parse_args()
    if asked.database_url:
        set_up(asked.database_url)
        from benchmarks.explaining import find  # noqa: PLC0415 - the settings had to be told the database

        names = asked.endpoints or [*ENDPOINTS]
        wanted = [(name, ENDPOINTS[name], person) for name in names for person in asked.people or PEOPLE]
        keep(find(wanted, repeats=asked.repeats))
    sys.stdout.write(table(found(), names=asked.endpoints, people=asked.people))
    return 0


if __name__ == "__main__":
    sys.exit(main())
