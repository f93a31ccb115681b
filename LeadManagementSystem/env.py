"""What the environment says: one typed name a variable, each documented in `.env.example`.

Any variable may be given as `NAME_FILE` instead: the value is then read from that file.
"""

from datetime import datetime, time
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

SHORTEST_KEY = 32  # bytes
DEVELOPMENT_KEY = "development-only-key-never-used-where-real-people-log-in"

env = environ.FileAwareEnv()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")

# What this machine keeps beside the database: static files, archives, mails where no server is named.
STATE_DIR = Path(env.str("STATE_DIR", "") or BASE_DIR / "var")


def one_of(name: str, *known: str) -> str:
    """One of the known words; the first where nothing is said. A misspelt one stops the start."""
    value: str = env.str(name, known[0])
    if value not in known:
        raise ImproperlyConfigured(f"{name} is one of {', '.join(known)}, not {value!r}.")
    return value


ENVIRONMENT = one_of("ENVIRONMENT", "development", "production")
PRODUCTION = ENVIRONMENT == "production"


def time_of_day(name: str, value: str) -> time:
    """The clock that a value such as 07:00 means. Anything else stops the start."""
    try:
        return datetime.strptime(value, "%H:%M").time()  # noqa: DTZ007 - a clock on the wall, of no zone
    except ValueError:
        raise ImproperlyConfigured(f"{name} is a time of day such as 07:00, not {value!r}.") from None


def bounded(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number within its bounds. Any other stops the start."""
    value: int = env.int(name, default)
    if not least <= value <= most:
        raise ImproperlyConfigured(f"{name} is a whole number from {least} to {most}, not {value}.")
    return value


def secret(name: str, *, optional: bool = False) -> str:
    """A key of at least 32 bytes; production has no default. An optional one may be left out, and is "" then."""
    value: str = env.str(name, "" if PRODUCTION or optional else DEVELOPMENT_KEY)
    if optional and not value:
        return ""
    if PRODUCTION and (len(value.encode()) < SHORTEST_KEY or value == DEVELOPMENT_KEY):
        raise ImproperlyConfigured(
            f"{name} must be set in production: at least {SHORTEST_KEY} random bytes, and not the development key."
        )
    return value


STATEMENT_TIMEOUT_MS: int = env.int("DATABASE_STATEMENT_TIMEOUT_MS", 30_000)


def databases() -> dict[str, dict[str, Any]]:
    """The database by `DATABASE_URL`, and those that copy it by `DATABASE_REPLICA_URLS`."""
    primary = _tuned(env.db_url("DATABASE_URL", f"sqlite:///{STATE_DIR / 'db.sqlite3'}"))
    replicas = {
        f"replica{number}": {**_tuned(env.db_url_config(url)), "TEST": {"MIRROR": "default"}}
        for number, url in enumerate(env.list("DATABASE_REPLICA_URLS", default=[]), start=1)
    }
    for replica in replicas.values():
        if "pool" in replica["OPTIONS"]:
            replica["OPTIONS"]["pool"]["timeout"] = 1  # the primary is there to answer instead
    return {"default": primary, **replicas}


def _tuned(settings: dict[str, Any]) -> dict[str, Any]:
    """What a URL says of a database, with what is good for its kind."""
    if "sqlite3" in settings["ENGINE"]:
        # IMMEDIATE takes the write lock first, so that two writers wait for instead of failing each other.
        settings["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
    elif "postgresql" in settings["ENGINE"]:
        settings["OPTIONS"] = {
            **settings.get("OPTIONS", {}),  # such as sslmode
            # After so many times the server keeps the plan of a statement that looks rows up by their keys. Not where
            # pgbouncer gives each transaction another connection.
            "prepare_threshold": 5 if env.bool("DATABASE_PREPARES", True) else None,
            "pool": {
                "min_size": 1,
                "max_size": env.int("DATABASE_POOL_SIZE", 8),
                # While the database is away: how long a request waits for it, and how soon the pool begins anew
                # rather than wait longer each time.
                "timeout": 5,
                "reconnect_timeout": 3,
            },
            # Pages are in memory, or on a disk without a head: to look some up costs less than to read a whole table.
            # And one process answers: several would make it seem cheap to walk through all rows for a page of a few.
            "options": "-c random_page_cost=1.1 -c max_parallel_workers_per_gather=0"
            f" -c statement_timeout={STATEMENT_TIMEOUT_MS}",
        }
    elif "mysql" in settings["ENGINE"]:
        _use_pymysql()
        settings["CONN_MAX_AGE"] = 600
        settings["CONN_HEALTH_CHECKS"] = True
        settings["OPTIONS"] = {
            "charset": "utf8mb4",
            "isolation_level": "read committed",
            "sql_mode": "STRICT_TRANS_TABLES",
            # Keys come joined as one text, which MySQL would cut off at 1,024 characters. What is for MariaDB alone it
            # takes for a comment.
            "init_command": "SET SESSION group_concat_max_len = 1048576"
            f" /*M!100101 , SESSION max_statement_time = {STATEMENT_TIMEOUT_MS / 1000} */",
        }
    return settings


def cache(*, shared: bool) -> dict[str, Any]:
    """The default cache by `CACHE_URL`, tuned for its kind; one that all processes share, where that matters."""
    settings: dict[str, Any] = env.cache_url("CACHE_URL", "locmemcache://")
    if "locmem" in settings["BACKEND"]:
        if shared:
            raise ImproperlyConfigured(
                "With DATABASE_REPLICA_URLS, set CACHE_URL to a Redis that all processes share: it knows who has just"
                " written, and has to be shown it."
            )
        # A number for each person, key and address that asked within two minutes.
        settings["OPTIONS"] = {"MAX_ENTRIES": 10_000}
    elif "redis" in settings["BACKEND"]:
        # Requests go on without it, and do not wait long to find out.
        settings["OPTIONS"] = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
    return settings


def _use_pymysql() -> None:
    """Let PyMySQL, which needs no compiler, stand in for the driver that Django asks for."""
    try:
        import pymysql  # noqa: PLC0415 - an optional requirement
    except ImportError as missing:
        raise ImproperlyConfigured(
            "MySQL and MariaDB need PyMySQL: pip install --require-hashes -r requirements-optional.txt"
        ) from missing
    pymysql.version_info = (2, 2, 1, "final", 0)
    pymysql.install_as_MySQLdb()
