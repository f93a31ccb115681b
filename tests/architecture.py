"""The rules of the house that no linter can say. `python -m tests.architecture` prints what breaks them.

A rule takes a folder and gives sentences, each with the place and the remedy; none means that it is kept.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

FORBIDDEN_NAMES = {"services.py", "selectors.py", "managers.py", "utils.py", "helpers.py", "signals.py"}
# What a set of rows may begin with: the person. The others stand on `visible_to`.
BEGINNINGS = {"visible_to", "editable_by", "listed_for", "archived_for"}
LONGEST = 300
LONGEST_TEST = 400
# Files that are longer, each with the reason why splitting would not help the reader.
LONGER: dict[str, str] = {}

PRIVATE = {
    "a path of one machine": re.compile(r"(?<![\w.<])/(?:home|root|Users|work)/\w"),
    "a package registry": re.compile(r"\b(?:pypi|pythonhosted|npmjs)\.(?:org|com)\b|(?<!\w)--(?:extra-)?index-url\b"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an access key": re.compile(r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_\w{36}|xox[abprs]-\w{10}|sk_live_\w{16})"),
    "a token": re.compile(r"\beyJ[\w-]{16,}\.eyJ[\w-]{16,}\.[\w-]{16,}"),
}


def apps(root: Path) -> list[str]:
    """Every package of the repository but those that may import anything."""
    return sorted({path.parent.name for path in root.glob("*/__init__.py")} - {"tests", "benchmarks"})


def sources(root: Path) -> Iterator[tuple[str, ast.Module]]:
    """The apps' own code, as (path below the root, tree); migrations are Django's."""
    for app in apps(root):
        for path in sorted((root / app).rglob("*.py")):
            if path.parent.name != "migrations":
                yield path.relative_to(root).as_posix(), ast.parse(path.read_text())


def views(root: Path) -> Iterator[tuple[str, ast.Module]]:
    """The views of resources; the kit that they stand on knows no rows of its own."""
    for path, tree in sources(root):
        if path.startswith("common/api/"):
            continue
        if Path(path).name == "views.py" or "views" in Path(path).parts[:-1]:
            yield path, tree


def file_names(root: Path) -> Iterator[str]:
    for app in (*apps(root), "tests"):
        for path in sorted((root / app).rglob("*.py")):
            if path.name in FORBIDDEN_NAMES:
                yield f"{path.relative_to(root)}: name the file after the thing it holds, not the kind."


def file_lengths(root: Path) -> Iterator[str]:
    for app in (*apps(root), "tests", "benchmarks"):
        longest = LONGEST_TEST if app == "tests" else LONGEST
        for path in sorted((root / app).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            lines = len(path.read_text().splitlines())
            if path.parent.name == "migrations":
                continue
            if lines > longest and name not in LONGER:
                yield f"{name}: {lines} lines are more than {longest}: split it, or give the reason in LONGER."
            if lines <= longest and name in LONGER:
                yield f"{name}: is no longer than others now: take it out of LONGER."


def each_app_has_its_lines(root: Path) -> Iterator[str]:
    """The contracts guard what they name: a new app, or a new pure module, has to be named in them."""
    tools = tomllib.loads((root / "pyproject.toml").read_text())["tool"]
    contracts = {contract["id"]: contract for contract in tools["importlinter"]["contracts"]}
    for app in apps(root):
        for place, names in {
            "importlinter.root_packages": tools["importlinter"]["root_packages"],
            "the contract apps": contracts["apps"]["layers"],
            "the contract inside": [*contracts["inside"]["containers"], "LeadManagementSystem"],
            "coverage.run.source": tools["coverage"]["run"]["source"],
        }.items():
            if app not in names:
                yield f"pyproject.toml: {place} has no line for {app}."
    layers = contracts["inside"]["layers"]
    for module in re.findall(r"\w+", " ".join(layers[layers.index("(models)") :])):
        if f"*.{module}" not in contracts["domain"]["source_modules"]:
            yield f'pyproject.toml: the contract domain has no line for "*.{module}".'


def model_signals(root: Path) -> Iterator[str]:
    for path, tree in sources(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                imported = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            elif isinstance(node, ast.Import):
                imported = {alias.name for alias in node.names}
            else:
                continue
            if imported & {
                "django.db.models.signals",
                "django.dispatch.receiver",
                "django.dispatch.dispatcher.receiver",
            }:
                yield f"{path}:{node.lineno}: no model signals: the verb that changes the row does what follows."


def every_field_is_said(root: Path) -> Iterator[str]:
    for path, tree in sources(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node.value == "__all__":
                yield f'{path}:{node.lineno}: say every field instead of "__all__".'


def views_begin_with_the_person(root: Path) -> Iterator[str]:
    for path, tree in views(root):
        for view in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
            for node in view.body:
                if isinstance(node, ast.FunctionDef) and node.name == "get_queryset":
                    for end in (inner for inner in ast.walk(node) if isinstance(inner, ast.Return)):
                        if not begins_with_the_person(end.value, within=node):
                            yield f"{path}:{end.lineno}: {view.name}.get_queryset has to begin with visible_to(…)."
                elif sets_queryset(node) and not ast.unparse(node).endswith(".objects.none()"):
                    yield f"{path}:{node.lineno}: {view.name}.queryset has to be ….objects.none()."


def sets_queryset(node: ast.stmt) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return any(isinstance(target, ast.Name) and target.id == "queryset" for target in targets)


def begins_with_the_person(chain: ast.expr | None, *, within: ast.FunctionDef) -> bool:
    """Follow `a.b(…).c(…)` to its beginning; a name stands for all that the function assigns to it."""
    while isinstance(chain, ast.Call | ast.Attribute):
        if isinstance(chain, ast.Attribute):
            chain = chain.value
            continue
        called = chain.func
        if isinstance(called, ast.Attribute) and called.attr in BEGINNINGS:
            return True
        if ast.unparse(chain) == "super().get_queryset()":
            return True
        chain = called
    if isinstance(chain, ast.IfExp):
        return all(begins_with_the_person(way, within=within) for way in (chain.body, chain.orelse))
    if isinstance(chain, ast.Name):
        values = [
            node.value
            for node in ast.walk(within)
            if isinstance(node, ast.Assign)
            and any(isinstance(target, ast.Name) and target.id == chain.id for target in node.targets)
            and not starts_with(node.value, chain.id)
        ]
        return bool(values) and all(begins_with_the_person(value, within=within) for value in values)
    return False


def starts_with(chain: ast.expr, name: str) -> bool:
    """Tell whether `rows.recent()` goes on from `rows` itself."""
    while isinstance(chain, ast.Call | ast.Attribute):
        chain = chain.func if isinstance(chain, ast.Call) else chain.value
    return isinstance(chain, ast.Name) and chain.id == name


def views_do_not_filter(root: Path) -> Iterator[str]:
    for path, tree in views(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "filter":
                yield f"{path}:{node.lineno}: a .filter( in a view is a missing word of the set."


# What reads a variable in `LeadManagementSystem`: the environment itself, and the words of env.py.
READERS = {"bounded", "env", "one_of", "secret"}


def each_variable_is_explained(root: Path) -> Iterator[str]:
    example = root / ".env.example"
    explained = set(re.findall(r"^#? ?([A-Z_]+)=", example.read_text(), re.MULTILINE))
    read = set()
    for path in (root / "LeadManagementSystem").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[0] in READERS and node.args:
                variable = node.args[0]
                if isinstance(variable, ast.Constant) and isinstance(variable.value, str):
                    read.add(variable.value)
    for name in sorted(read - explained):
        yield f".env.example: has no sentence for {name}."
    for name in sorted(explained - read):
        yield f".env.example: explains {name}, which nothing reads."


def nothing_private(root: Path) -> Iterator[str]:
    for name in tracked(root):
        path = root / name
        if not path.is_file():  # deleted, and not yet committed
            continue
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, start=1):
            for kind, pattern in PRIVATE.items():
                if pattern.search(line):
                    yield f"{name}:{number}: {kind} does not belong in the repository."


def tracked(root: Path) -> list[str]:
    """The files of the repository; none where there is no checkout, as in a container image."""
    if not (root / ".git").exists():
        return []
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True)  # noqa: S607
    return [name for name in listing.stdout.split("\0") if name]


RULES: tuple[Callable[[Path], Iterator[str]], ...] = (
    file_names,
    file_lengths,
    each_app_has_its_lines,
    model_signals,
    every_field_is_said,
    views_begin_with_the_person,
    views_do_not_filter,
    each_variable_is_explained,
    nothing_private,
)


def findings(root: Path) -> list[str]:
    return [finding for rule in RULES for finding in rule(root)]


if __name__ == "__main__":
    found = findings(ROOT)
    sys.stdout.writelines(f"{finding}\n" for finding in found)
    sys.exit(bool(found))
