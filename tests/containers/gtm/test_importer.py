from __future__ import annotations

import random
from copy import deepcopy
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.containers.gtm.assembly import in_order
from server.containers.gtm.importer import Imported, Wish, import_export
from server.containers.gtm.names import container_id, slug
from server.containers.gtm.report import Item, Outcome, markdown
from server.containers.load import lint_container, read_container
from server.containers.values import secrets_of
from server.destinations import tag_types
from server.errors import ConfigError
from tests.containers.gtm.exports import (
    FOLDER,
    event_tag,
    export,
    imported,
    parameters,
    tag,
    trigger,
    variable,
)

TYPES = tag_types()
SAMPLES = ("web", "server")
JUNK: list[Any] = [
    None, True, 0, -1, 2**53, 1.5, "", "{{", "}}", "{{Plan}}", "{{Event}}", "$secret.A", "\u0000",
    "\ufeff", "x" * 5000, "(?=a)", "[[[[", [], {}, [[]], {"a": 1}, ["1"], "MAP", "LIST", "1",
    "BOOLEAN", "#", ": ", "- a", "\u2028", "|", "%", "purchase", "2147479553",
]  # fmt: skip


def sample(name: str) -> bytes:
    return (FOLDER / f"{name}.json").read_bytes()


def read(data: bytes, **wish: Any) -> Imported:
    return import_export(data, Wish(name="export.json", **wish), TYPES)


@pytest.mark.parametrize("name", SAMPLES)
def test_an_export_becomes_this_container_and_this_report(name: str) -> None:
    made = import_export(sample(name), Wish(name=f"{name}.json"), TYPES)
    assert made.text == (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert markdown(made.report) == (FOLDER / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SAMPLES)
def test_what_was_made_passes_the_check(name: str) -> None:
    found = lint_container((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), name, TYPES)
    assert found.errors == []


@pytest.mark.parametrize("name", SAMPLES)
def test_the_order_in_the_export_makes_no_difference(name: str) -> None:
    tree = msgspec.json.decode(sample(name))
    for them in tree["containerVersion"].values():
        if isinstance(them, list):
            random.Random(4).shuffle(them)
    assert read(msgspec.json.encode(tree)) == read(sample(name))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_part_is_in_the_report_once(name: str) -> None:
    version = msgspec.json.decode(sample(name))["containerVersion"]
    parts = [(k, one["name"]) for k, them in version.items() if k != "container" for one in them]
    told = [(item.kind, item.name) for item in read(sample(name)).report.items]
    assert sorted(told) == sorted(parts)


def test_a_byte_order_mark_changes_nothing() -> None:
    assert read(b"\xef\xbb\xbf" + sample("web")) == read(sample("web"))


def test_the_id_and_the_sites_are_the_wishers() -> None:
    made = read(sample("web"), id="cups", sites=["https://cups.example"])
    container = read_container(made.text, "made")
    assert (container.id, container.sites) == ("cups", ["https://cups.example"])
    with pytest.raises(ConfigError, match=r"export\.json: id: expected 3 to 32"):
        read(sample("web"), id="A")


def test_an_empty_export_is_an_empty_container() -> None:
    made = import_export(
        b'{"exportFormatVersion": 2, "containerVersion": {}}', Wish(name="x"), TYPES
    )
    assert read_container(made.text, "made").id == "imported"
    assert made.report.items == []


def test_names_become_names_of_ours() -> None:
    assert slug("GA4 - Événement (achat)") == "ga4_evenement_achat"
    assert slug("4 pages") == "n4_pages"
    assert slug("注文") == ""
    assert container_id("ab") == "imported"
    assert container_id("Static") == "static-site"
    assert len(container_id("x" * 99)) == 32


def test_two_of_a_name_get_two_names() -> None:
    them = [variable("c", {"value": "a"}, name=name, variableId=name) for name in ("A b", "a-B")]
    container = read_container(imported(variable=them).text, "made")
    assert list(container.variables) == ["a_b", "a_b_2"]


def test_what_needs_itself_is_left_out_with_all_that_needs_it() -> None:
    needs = {"a": {"b"}, "b": {"c", "elsewhere"}, "c": set(), "d": {"e"}, "e": {"d"}, "f": {"e"}}
    assert in_order(needs) == ["c", "b", "a"]


TABLE = {"excludeTable": [{"paramName": "comment"}, {"paramName": "user_data.email_address"}]}


def transformation(type_: str, values: dict[str, Any], *tags: str) -> tuple[Imported, Item]:
    one = tag(type_, values)
    references = [{"type": "TAG_REFERENCE", "value": name} for name in tags]
    one["parameter"].append({"type": "LIST", "key": "affectedTags", "list": references})
    made = imported(transformation=[one], tag=[event_tag(name="Order")])
    return made, next(item for item in made.report.items if item.kind == "transformation")


def test_what_hides_a_parameter_comes_along() -> None:
    made, item = transformation("tf_exclude_params", TABLE, "Order")
    container = read_container(made.text, "made")
    assert item.outcome is Outcome.CONVERTED
    assert container.transformations["it"].exclude == ["props.comment", "person.email"]
    assert container.transformations["it"].tags == ["order"]


@pytest.mark.parametrize(
    "values", [{**TABLE, "matchingConditionsEnabled": True}, {"excludeTable": []}]
)
def test_what_can_no_longer_hide_something_pauses_its_tags(values: dict[str, Any]) -> None:
    made, item = transformation("tf_exclude_params", values, "Order")
    assert item.outcome is Outcome.REFUSED
    assert read_container(made.text, "made").tags["order"].paused
    assert "look at the tags that come paused: `order`" in made.report.to_do
    (told,) = [item for item in made.report.items if item.kind == "tag"]
    assert told.outcome is Outcome.APPROXIMATED


def test_a_transformation_for_tags_that_are_not_here_holds_nothing() -> None:
    made, item = transformation("tf_exclude_params", TABLE, "Elsewhere")
    assert item.notes == ("none of the tags that it is for is here",)
    assert not read_container(made.text, "made").tags["order"].paused


def test_what_is_no_part_of_a_container_is_told() -> None:
    lists = {kind: [{"name": kind}] for kind in ("client", "customTemplate", "zone", "gtagConfig")}
    report = import_export(export(**lists), Wish(name="x"), TYPES).report
    assert [item.outcome for item in report.items] == [Outcome.REFUSED] * 4


def spots(node: Any) -> list[tuple[Any, Any]]:
    """Every place in a tree, as the part that holds it and its key."""
    found = []
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        found.append((node, key))
        if isinstance(node[key], dict | list):
            found += spots(node[key])
    return found


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(SAMPLES), st.integers(0, 2**32), st.integers(1, 12))
def test_a_mangled_export_is_a_container_or_a_clear_error(name: str, seed: int, many: int) -> None:
    chance = random.Random(seed)
    tree = msgspec.json.decode(sample(name))
    for _ in range(many):
        node, key = chance.choice(spots(tree["containerVersion"]))
        if chance.random() < 0.3:
            del node[key]
        else:
            other, place = chance.choice([*spots(tree), (JUNK, chance.randrange(len(JUNK)))])
            is_junk = chance.random() < 0.7
            node[key] = deepcopy(chance.choice(JUNK) if is_junk else other[place])
    data = msgspec.json.encode(tree)
    try:
        made = read(data)
    except ConfigError as error:
        problems = error.problems
    else:
        problems = []
        assert read(data) == made
        assert lint_container(made.text, "made", TYPES).errors == []
        container = read_container(made.text, "made", TYPES)
        assert all("A" not in secrets_of(tag.settings) for tag in container.tags.values())
    assert [one for one in problems if not one.startswith("export.json")] == []


def test_a_parameter_of_another_type_is_refused_and_hides_nothing_less() -> None:
    rows = {"affectedTags": True, "t": [{"paramName": "a"}]}
    for kind in ("tf_exclude_params", "tf_nothing"):
        made = imported(transformation=[tag(kind, rows)], tag=[event_tag()])
        outcomes = [item.outcome for item in made.report.items if item.type == kind]
        assert outcomes == [Outcome.REFUSED]
        container = read_container(made.text, "made", TYPES)
        assert [one.paused for one in container.tags.values()] == [True]
    members = parameters({"triggerIds": True})
    made = imported(trigger=[trigger("TRIGGER_GROUP", parameter=members)])
    assert [item.outcome for item in made.report.items] == [Outcome.REFUSED]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_bytes_that_are_no_export_are_a_clear_error(data: bytes) -> None:
    with pytest.raises(ConfigError):
        read(data)
