"""Whatever a page tells people to type is typed here, page by page, against the service with its demo."""

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import Block, Page, pages
from tests.docs.shapes import differences, http_differences

ADDRESS = "http://127.0.0.1:8000"
# A refused request ends the session, unless it is one that shows its status itself.
PRELUDE = """
set -eo pipefail
curl() {
  case " $* " in
    *" -i "*) command curl "$@" ;;
    *) command curl --fail-with-body "$@" ;;
  esac
}
"""
SESSIONS = [one for one in pages() if any(block.runs for block in one.blocks)]


@pytest.mark.parametrize("page", SESSIONS, ids=str)
def test_it_answers_as_the_page_shows(page: Page, served: str, tmp_path: Path) -> None:
    steps = [number for number, block in enumerate(page.blocks) if block.runs]
    script = tmp_path / "session.sh"
    script.write_text(PRELUDE + "".join(_typed(page.blocks[step], tmp_path / str(step), served) for step in steps))

    run = subprocess.run(
        ["bash", str(script)],  # noqa: S607
        cwd=tmp_path,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )

    outputs = {step: path.read_text() for step in steps if (path := tmp_path / str(step)).exists()}
    last = max(outputs, default=steps[0])
    assert run.returncode == 0, f"{page.blocks[last].text}\n{outputs.get(last)}\n{run.stderr}"
    for step in steps:
        wrong = list(_wrong(outputs[step], page.blocks[step + 1 : step + 2]))
        assert not wrong, "\n".join([page.blocks[step].text, outputs[step], *wrong])


def _typed(block: Block, output: Path, served: str) -> str:
    """The block, with what it prints going to a file; its variables and functions stay for those that follow."""
    return f"{{\n{block.text.replace(ADDRESS, served)}}} > {shlex.quote(str(output))}\n"


def _wrong(output: str, following: list[Block]) -> list[str]:
    """What differs from the block behind, if that one shows an answer."""
    language = following[0].language if following else ""
    if language == "json":
        return list(differences(json.loads(following[0].text), json.loads(output)))
    if language == "http":
        return list(http_differences(following[0].text, output))
    return []


def test_it_has_sessions_to_try() -> None:
    assert {"README.md", "docs/getting-started.md"} <= {str(page) for page in SESSIONS}
