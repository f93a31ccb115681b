"""Every documented operation against the running server, with made-up requests: `make fuzz`.

A fresh database of the kind that DATABASE_URL names is filled with the demo, the product's own server is started on
a free port, and schemathesis sends requests that the OpenAPI document allows and requests that it forbids. Fails
when an answer is not the documented one, and when a documented operation was not called.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import django

from tests.ports import free_port

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PATIENCE = 60  # seconds for the server to start


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--examples", default=20, type=int, help="How many for each operation. Default: 20.")
    parser.add_argument("others", nargs="*", help="What else to tell schemathesis, after --.")
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "LeadManagementSystem.settings")
    os.environ.update(LOG_LEVEL="ERROR", EMAIL_URL="dummymail://", SIGN_UP="open", LOGIN_ATTEMPTS="1000000")
    os.environ.update(PERSON_REQUESTS_A_MINUTE="0", KEY_REQUESTS_A_MINUTE="0", ADDRESS_REQUESTS_A_MINUTE="0")
    django.setup()
    from tests.fuzz.database import filled  # noqa: PLC0415 - needs the settings

    with tempfile.TemporaryDirectory() as folder, filled(Path(folder)) as url:
        os.environ["DATABASE_URL"] = url
        with server() as address:
            return fuzz(address, Path(folder), examples=given.examples, others=given.others)


@contextmanager
def server() -> Iterator[str]:
    """The address of the product's own server, ready to serve."""
    port = free_port()
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/health/ready")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def wait_for(url: str) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            urlopen(url).close()  # noqa: S310 - our own server
        except URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


def fuzz(address: str, folder: Path, *, examples: int, others: list[str]) -> int:
    """Run schemathesis; its exit status, or 1 when an operation was left out."""
    schema, calls = folder / "openapi.json", folder / "calls.json"
    with urlopen(f"{address}/api/schema/") as answer:  # noqa: S310 - our own server
        schema.write_bytes(answer.read())
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")]
    # From a file: of a schema with an address schemathesis leaves that operation out.
    # One at a time on SQLite, which has one writer: on a busy machine another would wait in vain.
    workers = "1" if os.environ["DATABASE_URL"].startswith("sqlite") else "2"
    command += ["run", str(schema), "--url", address, "--max-examples", str(examples), "--workers", workers, *others]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "FUZZ_CALLS": str(calls)}
    environment["PYTHONWARNINGS"] = "ignore"  # the lessons ask the database, whose pool rolls dice of its own
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    called: dict[str, int] = json.loads(calls.read_text())
    paths = json.loads(schema.read_bytes())["paths"]
    documented = {f"{method.upper()} {path}" for path, operations in paths.items() for method in operations}
    left_out = sorted(documented - set(called))
    sys.stdout.write(
        f"{sum(called.values())} calls; {len(called)} of {len(documented)} documented operations called.\n"
    )
    sys.stdout.writelines(f"Not called: {operation}\n" for operation in left_out)
    return code or bool(left_out)


if __name__ == "__main__":
    sys.exit(main())
