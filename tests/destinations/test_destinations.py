"""What holds for every destination: its examples, its answers, its settings, its discretion."""

from __future__ import annotations

import ast
import inspect
import re
import shutil
import textwrap
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta, Struct
from msgspec.structs import asdict, fields, replace

from server.delivery import Delivered, Denied, Refused, Request, Response, Retry
from server.destinations import DESTINATIONS, find, tag_types
from server.destinations.contract import Destination, Secret, Sending, judge_status
from server.errors import ConfigError
from server.model import Person
from server.person.hashing import sha256_hex

PIGEON = Path(__file__).parent / "example_destination.py.txt"
STRANGER = Person(
    ip="198.51.100.77",
    user_agent="stranger's agent",
    email="stranger@home.example",
    phone="+15005550006",
    first_name="strangerfirst",
    last_name="strangerlast",
    street="1 stranger street",
    city="strangercity",
    region="strangerregion",
    postcode="st1 1st",
    country="XQ",
    cookies={"stranger_cookie": "strangercookie"},
    click_ids={"gclid": "strangerclick"},
)


def check_names(destination: Destination) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", destination.name)
    assert destination.title
    assert destination.about.endswith(".")
    assert destination.docs.startswith("https://")


def check_examples(destination: Destination) -> None:
    assert len(destination.examples) >= 2
    for example in destination.examples:
        assert destination.build(example.sendings) == example.request, example.title
        assert len(example.request.body) <= destination.max_bytes
        assert 1 <= len(example.sendings) <= destination.max_events
        assert {destination.admit(sending) for sending in example.sendings} == {None}
        assert len({destination.group(sending) for sending in example.sendings}) == 1


def check_answers(destination: Destination) -> None:
    outcomes = set()
    for answer in destination.answers:
        outcome = destination.judge(answer.response)
        assert outcome == answer.outcome, answer.title
        outcomes.add(type(outcome))
    assert Delivered in outcomes
    assert len(outcomes) >= 2, "an answer that is no success is missing"


def check_settings(destination: Destination) -> None:
    assert destination.config.__struct_config__.forbid_unknown_fields
    assert documented(destination.config) == {field.name for field in fields(destination.config)}
    for example in destination.examples:
        for sending in example.sendings:
            as_in_a_container = msgspec.to_builtins(sending.config)
            assert msgspec.convert(as_in_a_container, destination.config) == sending.config


def check_discretion(destination: Destination) -> None:
    """What is personal is sent only where a setting named `send_…` says so."""
    for example in destination.examples:
        quiet = [quietened(sending) for sending in example.sendings]
        said = everything(destination.build(quiet))
        for secret in secrets_of(STRANGER):
            assert secret not in said
            assert sha256_hex(secret) not in said
    if not destination.needs_person:
        for example in destination.examples:
            strange = [replace(sending, person=STRANGER) for sending in example.sendings]
            assert destination.build(strange) == example.request


CHECKS = (check_names, check_examples, check_answers, check_settings, check_discretion)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("destination", DESTINATIONS.values(), ids=DESTINATIONS)
def test_every_destination_does_what_it_says(
    destination: Destination, check: Callable[[Destination], None]
) -> None:
    check(destination)


def test_a_new_destination_is_one_file(tmp_path: Path) -> None:
    shutil.copy(PIGEON, tmp_path / "pigeon.py")
    found = find(tmp_path)
    assert list(found) == sorted({*DESTINATIONS, "pigeon"})
    for check in CHECKS:
        check(found["pigeon"])
    assert tag_types(found)["pigeon"].secrets == {"token"}


def test_destinations_are_in_the_order_of_their_names() -> None:
    assert list(DESTINATIONS) == sorted(DESTINATIONS)
    assert all(name == destination.name for name, destination in DESTINATIONS.items())


def test_a_file_without_a_destination_and_one_of_a_taken_name_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text('"""Nothing."""\n')
    text = PIGEON.read_text(encoding="utf-8")
    (tmp_path / "goose.py").write_text(text, encoding="utf-8")
    (tmp_path / "hawk.py").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        find(tmp_path)
    assert caught.value.problems == [
        f"{tmp_path}/empty.py: expected `DESTINATION = Destination(…)` in it",
        f"{tmp_path}/hawk.py: 'pigeon' is the name of {tmp_path}/goose.py too",
    ]


def test_the_contract_and_names_with_an_underscore_are_no_destinations(tmp_path: Path) -> None:
    (tmp_path / "contract.py").write_text("raise AssertionError\n")
    (tmp_path / "_draft.py").write_text("raise AssertionError\n")
    assert find(tmp_path) == DESTINATIONS


def test_a_container_learns_which_settings_are_secrets() -> None:
    types = tag_types()
    assert types["webhook"].secrets == {"secret"}
    ga4 = types["ga4"]
    assert (ga4.name, ga4.config) == ("ga4", DESTINATIONS["ga4"].config)
    assert ga4.secrets == {"api_secret"}
    assert (ga4.consent, ga4.needs_person, ga4.cookies) == (("analytics_storage",), True, ("_ga",))


def test_a_secret_is_one_under_every_guise() -> None:
    class Config(Struct, rename={"hidden": "with"}):
        plain: Annotated[str, Meta(min_length=1)]
        hidden: Secret
        perhaps: Secret | None = None

    webhook = DESTINATIONS["webhook"]
    types = tag_types({"x": replace(webhook, config=Config)})
    assert types["x"].secrets == {"with", "perhaps"}


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Delivered()),
        (204, Delivered()),
        (302, Refused("redirect", "to https://example.com/")),
        (400, Refused("http_400", "why")),
        (401, Denied("credentials", "why")),
        (403, Denied("credentials", "why")),
        (410, Refused("http_410", "why")),
        (408, Retry("http_408", "why")),
        (429, Retry("http_429", "why")),
        (500, Retry("http_500", "why")),
    ],
)
def test_a_status_that_does_not_lie_is_enough(status: int, outcome: object) -> None:
    headers = {"location": "https://example.com/"}
    assert judge_status(Response(status=status, headers=headers, body=b"why")) == outcome


def documented(config: type[Struct]) -> set[str]:
    """The fields that have a docstring."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(config))).body
    assert isinstance(definition, ast.ClassDef)
    return {
        node.target.id
        for node, after in pairwise(definition.body)
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
    }


def quietened(sending: Sending) -> Sending:
    """The same for a stranger, with every `send_…` off."""
    switches = {name: False for name in asdict(sending.config) if name.startswith("send_")}
    return replace(sending, person=STRANGER, config=replace(sending.config, **switches))


def everything(request: Request) -> str:
    return f"{request.url} {request.headers} {request.body.decode()}"


def secrets_of(person: Person) -> list[str]:
    return [
        text
        for value in asdict(person).values()
        for text in (value.values() if isinstance(value, Mapping) else [value])
    ]
