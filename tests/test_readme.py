"""The README tells the truth: settings, commands, tables, steps, keys and the snippet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from prometheus_client import Metric

from server.cli import main
from server.collector.script import snippet
from server.containers.load import load_container
from server.containers.model import Consent, Container, Cookie, Links, Observe, Paths
from server.destinations import DESTINATIONS, tag_types
from server.enrich import STEPS
from server.histogram import histogram
from server.pipeline.metrics import NodeMetrics
from server.settings import KNOBS, Knob
from server.studio.partners import pages, table
from tests.pipeline.test_metrics import node

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.field)
def test_every_setting_is_there_with_its_default(knob: Knob) -> None:
    default = f"`{knob.default}`" if knob.default else "empty"
    assert f"| `{knob.variable}` | {default} | {knob.help} |" in README


def commands(group: click.Group, prefix: str = "freehold") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            if command.invoke_without_command:
                yield f"{prefix} {name}"
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}"


@pytest.mark.parametrize("command", list(commands(main)))
def test_every_command_is_there(command: str) -> None:
    assert f"| `{command}` |" in README


def test_every_table_and_view_is_there_and_no_other() -> None:
    sql = [path.read_text() for path in (ROOT / "clickhouse").rglob("*.sql")]
    made = {name for text in sql for name in re.findall(r"(?:TABLE|VIEW) .*?(freehold\.\w+)", text)}
    told = set(re.findall(r"^\| `(freehold\.\w+)` \|", README, re.MULTILINE))
    assert told == made


def test_the_steps_are_there_in_their_order() -> None:
    told = re.findall(r"^\| `((?:drop|put)_\w+)` \|", README, re.MULTILINE)
    assert told == [step.__name__ for step in STEPS]


def test_every_key_of_a_container_is_there() -> None:
    keys = {name for name in Container.__struct_fields__ if name != "version"}
    inner = {
        "cookie": Cookie,
        "observe": Observe,
        "paths": Paths,
        "consent": Consent,
        "links": Links,
    }
    keys -= set(inner)
    keys |= {
        f"{key}.{name}" for key, kind in inner.items() for name in kind.__struct_encode_fields__
    }
    assert [key for key in sorted(keys) if f"`{key}`" not in README] == []


def metrics() -> Iterator[Metric]:
    known = NodeMetrics(node, inserts=histogram((1.0,)), destinations={})
    yield from known.collect()


def name_of(metric: Metric) -> str:
    """As Prometheus stores it."""
    return metric.name + ("_total" if metric.type == "counter" else "")


def test_every_metric_is_in_the_operating_guide_and_no_other() -> None:
    made = []
    for metric in metrics():
        labels = {label: None for sample in metric.samples for label in sample.labels}
        shown = ", ".join(f"`{label}`" for label in labels if label != "le")
        head = f"| `{name_of(metric)}` | {metric.type} | {shown} |"
        made.append(f"{head} {metric.documentation} |")
    assert re.findall(r"^\| `freehold_.*", OPERATING, re.MULTILINE) == made


def test_the_example_alerts_ask_for_metrics_that_exist() -> None:
    rules = OPERATING.partition("groups:")[2].partition("```")[0]
    known = {name_of(metric) for metric in metrics()}
    asked = {name.removesuffix("_bucket") for name in re.findall(r"freehold_\w+", rules)}
    assert len(asked) > 5
    assert asked <= known


def yaml_blocks() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)


def test_the_containers_in_it_are_well(tmp_path: Path) -> None:
    smallest, walked, tags, more, in_page = yaml_blocks()
    first = tmp_path / "first.yaml"
    first.write_text(walked)
    assert set(load_container(first, tag_types()).tags) == {"ga4"}
    path = tmp_path / "shop.yaml"
    path.write_text(smallest + tags + more + in_page)
    container = load_container(path, tag_types())
    assert set(container.tags) == {"ga4", "orders"}
    assert set(container.page_tags) == {"chat"}


def test_every_destination_is_there_as_it_says_of_itself() -> None:
    assert table(DESTINATIONS) in README, "make documents"
    told = (ROOT / "docs" / "destinations.md").read_text(encoding="utf-8")
    assert told == pages(DESTINATIONS), "make documents"


def test_the_new_destination_is_the_one_that_is_tested() -> None:
    tested = ROOT / "tests" / "destinations" / "example_destination.py.txt"
    assert f"```python\n{tested.read_text()}```" in README


def test_every_query_is_there_and_no_other() -> None:
    told = set(re.findall(r"^\| `(\w+\.sql)` \|", README, re.MULTILINE))
    assert told == {path.name for path in (ROOT / "clickhouse" / "queries").glob("*.sql")}


def test_the_snippet_is_the_one_that_is_printed() -> None:
    shop = Container(id="shop", sites=["self"])
    assert snippet(shop, origin="https://www.example.com/fh") in README


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_pictures_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", text)
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_no_document_names_a_setting_that_does_not_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    told = set(re.findall(r"FREEHOLD_(?!SECRET_)[A-Z_]+[A-Z]", text))
    assert told <= {knob.variable for knob in KNOBS}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_no_document_names_a_command_that_does_not_exist(document: Path) -> None:
    text = document.read_text("utf-8")
    told = re.findall(r"(?:^|[ `/])freehold ((?:container |deliveries )?[a-z-]+)", text)
    known = {command.removeprefix("freehold ") for command in commands(main)}
    words = {command.split()[0] for command in known}
    assert [name for name in told if name.split()[0] in words and name not in known | words] == []
