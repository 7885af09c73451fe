"""Holds the house: who imports whom, what comes from outside, sizes, names, mirrored tests."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SERVER = ROOT / "server"
MODULES = sorted(SERVER.rglob("*.py"))

# Top to bottom: a module imports from its own group or from a layer below, never sideways.
LAYERS: list[set[str]] = [
    {"__main__"},
    {"cli"},
    {"banner"},
    {"collecting", "pipelining", "recording", "storing"},
    {"processes"},
    {"endpoints", "listening", "serving"},
    {"collector", "demo", "pipeline", "store.embedded", "supervise"},
    {"studio"},
    {"dialects", "enrich", "destinations"},
    {"containers", "credentials", "folders", "identity", "journal", "person", "store", "telemetry"},
    {"settings"},
    {"delivery", "envelope", "histogram", "model", "publication", "errors", "clock", "resources"}
    | {"domains", "network"},
]
# The vocabulary may use itself; what `store` holds of ClickHouse is one group, the engine another.
VOCABULARY = LAYERS[-1]

OUTSIDE = {
    "aiohttp": ("pipeline.forwarder.partner",),
    "cryptography": ("collector.link_token", "destinations.contract.oauth", "person.sealing"),
    "jinja2": ("demo",),
    "re2": ("containers",),
    "clickhouse_connect": ("store",),
    "chdb": ("store.embedded",),
    "prometheus_client": ("pipeline.metrics", "pipeline.scrape"),
    "sqlite3": ("pipeline.state",),
    "starlette": ("collecting", "collector", "demo", "serving", "store.embedded"),
    "uvicorn": ("collector.protocol", "serving", "store.embedded"),
    "itsdangerous": ("identity", "collector.site"),
    "ruamel": ("containers",),
    "maxminddb": ("enrich",),
    "ua_parser": ("enrich",),
    "user_agents": ("enrich",),
    "tldextract": ("domains",),
    "click": ("cli",),
}
PLUGINS = ("dialects", "enrich", "destinations", "demo.partners")
SHARED_BY_PLUGINS = {"contract", "wire", "values", "tables", "personal"}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "service", "handler", "misc"}
# Parts that are only whole together: the tests of the part that uses them are theirs too.
TESTED_WITH = {
    "banner": "processes",
    "cli.configuration": "cli",
    "cli.containers": "cli",
    "cli.deliveries": "cli.health",
    "cli.demo": "cli",
    "cli.destinations": "cli",
    "cli.importing": "cli",
    "cli.origin": "cli",
    "cli.previews": "cli",
    "cli.source": "cli",
    "cli.span": "cli",
    "cli.tag": "cli.pausing",
    "cli.publishing": "cli",
    "cli.reconcile": "pipeline.reconcile",
    "cli.running": "cli",
    "cli.safari": "studio.safari",
    "cli.simulating": "cli",
    "cli.status": "pipeline.health",
    "cli.tables": "cli",
    "cli.told": "cli",
    "containers.fields": "containers.transform",
    "containers.gtm.assembly": "containers.gtm.importer",
    "containers.gtm.built_in": "containers.gtm.triggers",
    "containers.gtm.draft": "containers.gtm.importer",
    "containers.gtm.fields": "containers.gtm.variables",
    "containers.gtm.ga4": "containers.gtm.tags",
    "containers.gtm.page_tags": "containers.gtm.tags",
    "containers.gtm.pixels": "containers.gtm.tags",
    "containers.gtm.names": "containers.gtm.importer",
    "containers.gtm.rest": "containers.gtm.importer",
    "containers.gtm.tables": "containers.gtm.variables",
    "containers.gtm.tag": "containers.gtm.tags",
    "containers.gtm.transformations": "containers.gtm.importer",
    "containers.gtm.vendors": "containers.gtm.tags",
    "containers.model.container": "containers.model",
    "containers.model.tag": "containers.model",
    "containers.patterns": "containers.variables",
    "containers.plan": "containers.decide",
    "containers.scope": "containers.decide",
    "containers.shape": "containers.variables",
    "containers.site_checks": "containers.checks",
    "containers.sources": "containers.variables",
    "containers.tag_checks": "containers.checks",
    "containers.wording": "containers.diff",
    "journal.scan": "journal.reader",
    "journal.segment": "journal.writer",
    "journal.written": "journal.journal",
    "pipeline.amend": "pipeline.reconcile",
    "pipeline.occasions": "pipeline.reconcile",
    "pipeline.passage": "pipeline.reconcile",
    "pipeline.refusal": "pipeline.loader",
    "pipeline.restore": "pipeline.reconcile",
    "pipeline.runs": "pipeline.reconcile",
    "pipeline.standing": "pipeline.metrics",
    "pipeline.tallies": "pipeline.reconcile",
    "pipeline.forwarder.lane": "pipeline.forwarder.forwarder",
    "pipeline.forwarder.ledger": "pipeline.forwarder.forwarder",
    "pipeline.forwarder.reading": "pipeline.forwarder.forwarder",
    "recording": "demo.recorder",
    "serving": "collecting",
    "store.stored": "store.queries",
    "storing": "processes",
    "studio.compared": "studio.simulate",
    "studio.held": "studio.simulate",
    "studio.judged": "studio.simulate",
    "studio.recollection": "studio.simulate",
    "studio.simulated": "studio.simulate",
    "store.embedded.answers": "store.embedded.app",
    "store.embedded.body": "store.embedded.app",
    "store.embedded.configuration": "store.embedded.server",
    "store.embedded.engine": "store.embedded.app",
    "store.embedded.form": "store.embedded.app",
    "store.embedded.pipe": "store.embedded.app",
    "store.embedded.request": "store.embedded.app",
    "store.embedded.runner": "store.embedded.app",
    "store.embedded.running": "store.embedded.app",
    "store.embedded.spool": "store.embedded.app",
    "store.embedded.vocabulary": "store.embedded.gate",
}
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 30


def name_of(path: Path) -> str:
    """`pipeline.sorter` of server/pipeline/sorter.py."""
    parts = path.relative_to(SERVER).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def group_of(module: str) -> str:
    """The name in LAYERS that a module belongs to."""
    if module.startswith("store.embedded"):
        return "store.embedded"
    return module.split(".")[0]


def layer_of(module: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if group_of(module) in layer)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Every dotted name that a module imports, with what it takes from it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inside(path: Path) -> Iterator[str]:
    """The modules of ours that a module imports."""
    known = {name_of(module) for module in MODULES}
    for name in imports(path):
        if name.startswith("server.") or name == "server":
            dotted = name.removeprefix("server").removeprefix(".")
            while dotted not in known:
                dotted = dotted.rpartition(".")[0]
            if dotted:
                yield dotted


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_down(path: Path) -> None:
    module = name_of(path)
    if not module:
        return
    group = group_of(module)
    for other in inside(path):
        target = group_of(other)
        is_own = target == group or {group, target} <= VOCABULARY
        assert is_own or layer_of(other) > layer_of(module), f"{module} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_parts_from_outside_stay_in_their_places(path: Path) -> None:
    module = name_of(path)
    for name in imports(path):
        allowed = OUTSIDE.get(name.split(".")[0])
        fits = allowed is None or any(f"{module}.".startswith(f"{place}.") for place in allowed)
        assert fits, f"{module} imports {name}; only {allowed} may"


@pytest.mark.parametrize("folder", PLUGINS)
def test_plugins_of_one_folder_never_import_each_other(folder: str) -> None:
    for path in SERVER.joinpath(*folder.split(".")).rglob("*.py"):
        own = name_of(path).removeprefix(folder).removeprefix(".").split(".")[0]
        if own in SHARED_BY_PLUGINS | {""}:
            continue
        for other in inside(path):
            if other.startswith(f"{folder}."):
                first = other.removeprefix(f"{folder}.").split(".")[0]
                assert first in SHARED_BY_PLUGINS | {own}, f"{path.name} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_rooms_are_small(path: Path) -> None:
    if path.parent.name == "tables":
        return
    assert len(path.read_text(encoding="utf-8").splitlines()) < MAX_FILE_LINES
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            has_docstring = ast.get_docstring(node) is not None and len(node.body) > 1
            assert node.end_lineno is not None
            lines = node.end_lineno - node.body[has_docstring].lineno + 1
            where = f"{path.name}: {node.name} has {lines} lines"
            assert lines <= MAX_FUNCTION_LINES, where


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree(path)), f"{path} has no docstring"
    assert path.stem not in FORBIDDEN_NAMES


def has_behaviour(path: Path) -> bool:
    """Whether a module has code to test; structs and tables alone have none."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(tree(path))
    )


def is_of_a_destination(path: Path) -> bool:
    """Whether its tests are a destination's examples: test_destinations.py runs them all."""
    inside = path.relative_to(SERVER).parts
    return inside[0] == "destinations" and inside[1] != "contract"


def test_tests_mirror_the_tree_file_for_file() -> None:
    missing = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if not is_of_a_destination(path)
        and path.stem not in {"__init__", "__main__", "contract", "clock", "resources", "errors"}
        and path.parent.name != "tables"
        and has_behaviour(path)
        and not mirror(path).exists()
    ]
    assert missing == []


def mirror(path: Path) -> Path:
    name = name_of(path)
    folder, _, stem = TESTED_WITH.get(name, name).rpartition(".")
    return ROOT / "tests" / folder.replace(".", "/") / f"test_{stem}.py"


def test_parts_that_are_tested_with_another_exist() -> None:
    known = {name_of(path) for path in MODULES}
    assert set(TESTED_WITH) | set(TESTED_WITH.values()) <= known


OF_THE_WHOLE = {"js_snippet", "end_to_end", "shop"}
"""Folders of tests that are of no module of their own: of the tag, and of all parts together."""


def test_every_test_file_has_its_original() -> None:
    own = {
        "test_architecture",
        "test_readme",
        "test_crash",
        "test_faults",
        "test_google",
        "test_hostile",
        "test_power_cut",
        "test_queries",
        "test_recipes",
        "test_sessions",
    }
    strays = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("test_*.py")
        if path.stem not in own
        and path.stem != f"test_{path.parent.name}"  # of a package's own __init__
        and not OF_THE_WHOLE & set(path.parts)
        and not original(path).with_suffix(".py").exists()
        and not original(path).is_dir()
    ]
    assert strays == []


def original(path: Path) -> Path:
    """The module or package that a test file is for, without a suffix."""
    inside = path.relative_to(ROOT / "tests")
    base = ROOT if inside.parts[0] == "loadtests" else SERVER
    return base / inside.parent / path.stem[len("test_") :]


def test_the_package_says_nothing_of_how_it_was_made() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    banned = ("/work" + "/", "/root" + "/", "TO" + "DO", "FIX" + "ME")
    found = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".sql", ".js", ".html", ".yaml", ".toml"}:
            text = path.read_text(encoding="utf-8")
            found += [f"{name}: {word}" for word in banned if word in text]
    assert found == []
