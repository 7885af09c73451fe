"""What holds for every destination: its examples, its answers, its settings, its discretion."""

from __future__ import annotations

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec
import pytest
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo, asdict, fields, replace

from server.containers.checks import check
from server.containers.model import Asked
from server.containers.tag_checks import IN_CLEAR
from server.delivery import Delivered, Denied, Refused, Request, Response, Retry
from server.destinations import DESTINATIONS, find, tag_types
from server.destinations.contract import (
    MAX_DETAIL_CHARS,
    Destination,
    Secret,
    Sending,
    judge_status,
)
from server.errors import ConfigError
from server.model import Person
from server.person.hashing import sha256_hex
from tests.destinations.asking import ask, said

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
)
STEPS = {"page_view", "view_item", "add_to_cart", "purchase", "generate_lead", "sign_up"}
MATCH_KEYS = {
    *("email", "phone", "name", "address", "external_id", "user_id", "click_id", "browser_id"),
    *("ip", "user_agent"),
}


def check_names(destination: Destination) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", destination.name)
    assert destination.title
    assert destination.about.endswith(".")
    assert destination.docs.startswith("https://")


def check_examples(destination: Destination) -> None:
    assert len(destination.examples) >= 2
    for example in destination.examples:
        assert as_json(ask(destination, *example.sendings)) == as_json(example.request), (
            example.title
        )
        assert len(example.request.body) <= destination.max_bytes
        assert 1 <= len(example.sendings) <= destination.max_events
        messages = [said(destination, sending) for sending in example.sendings]
        pairs = zip(example.sendings, messages, strict=True)
        assert len({destination.group(sending, message) for sending, message in pairs}) == 1


def check_refusals(destination: Destination) -> None:
    for one in destination.refusals:
        assert destination.message(one.sending) == one.refused, one.title
    if not destination.takes_any:
        assert destination.refusals, "an event that the partner does not know is missing"


def check_answers(destination: Destination) -> None:
    outcomes = set()
    for answer in destination.answers:
        outcome = destination.judge(answer.response)
        assert outcome == answer.outcome, answer.title
        outcomes.add(type(outcome))
    assert Delivered in outcomes
    assert len(outcomes) >= 2, "an answer that is no success is missing"


def check_match_keys(destination: Destination) -> None:
    """Each is shown in an example, and none is there of somebody who is not known."""
    messages = [
        said(destination, sending) for one in destination.examples for sending in one.sendings
    ]
    for name, is_there in destination.match_keys.items():
        assert name in MATCH_KEYS
        assert any(map(is_there, messages)), f"no example has {name}"


def check_shop(destination: Destination) -> None:
    """A partner that knows a step of the shop's shows what it is sent of it."""
    if destination.name == "webhook":
        return
    shown = {sending.event.name for one in destination.examples for sending in one.sendings}
    measures = destination.needs_person and "analytics_storage" in destination.consent
    takes_all = destination.takes_any and measures
    assert shown >= (STEPS if takes_all else STEPS & destination.events.keys())
    assert any(len(one.sendings) > 1 for one in destination.examples) == (
        destination.max_events > 1
    )
    denied = [one for one in destination.examples if not any(map(grants, one.sendings))]
    assert denied or not destination.needs_person, "an example without consent is missing"


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
        request = everything(destination, quiet)
        for secret in secrets_of(STRANGER):
            assert secret not in request
            assert sha256_hex(secret) not in request
    if not destination.needs_person:
        for example in destination.examples:
            strange = [replace(sending, person=STRANGER) for sending in example.sendings]
            assert as_json(ask(destination, *strange)) == as_json(example.request)


def check_user_data(destination: Destination) -> None:
    """Who somebody is goes only where the tag says so and the visitor grants it; the device, which
    has a switch of its own, apart."""
    device = {STRANGER.ip, STRANGER.user_agent}
    known = [one for one in secrets_of(STRANGER) if one not in device]
    known += [sha256_hex(one) for one in [*known, STRANGER.phone.removeprefix("+")]]
    for example in destination.examples:
        for sending in example.sendings:
            strange = replace(sending, person=STRANGER)
            for quiet in (denied(strange), unasked(strange)):
                request = everything(destination, [quiet])
                assert [one for one in known if one in request] == [], example.title


def check_groups(destination: Destination) -> None:
    """What a request says once is the same for all events in it: settings may hold an event's
    values, and a tag changes while events wait."""
    if destination.max_events == 1:
        return
    for example in destination.examples:
        sending = example.sendings[0]
        message = said(destination, sending)
        for field in fields(sending.config):
            other = replace(sending, config=altered(sending.config, field))
            is_said = destination.wrap([sending], [message]) != destination.wrap([other], [message])
            told = destination.group(sending, message) != destination.group(other, message)
            assert told or not is_said, f"`group` does not look at the setting {field.name}"


CHECKS = (
    check_names,
    check_examples,
    check_refusals,
    check_answers,
    check_match_keys,
    check_shop,
    check_settings,
    check_groups,
    check_discretion,
    check_user_data,
)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("destination", DESTINATIONS.values(), ids=DESTINATIONS)
def test_every_destination_does_what_it_says(
    destination: Destination, check: Callable[[Destination], None]
) -> None:
    check(destination)


def test_a_new_destination_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "carrier.py").write_text(carrier(), encoding="utf-8")
    found = find(tmp_path)
    assert list(found) == sorted({*DESTINATIONS, "carrier"})
    for holds in CHECKS:
        holds(found["carrier"])
    assert tag_types(found)["carrier"].secrets == {"token"}


def test_destinations_are_in_the_order_of_their_names() -> None:
    assert list(DESTINATIONS) == sorted(DESTINATIONS)
    assert all(name == destination.name for name, destination in DESTINATIONS.items())


def test_a_file_without_a_destination_and_one_of_a_taken_name_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text('"""Nothing."""\n')
    text = carrier()
    (tmp_path / "goose.py").write_text(text, encoding="utf-8")
    (tmp_path / "hawk.py").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        find(tmp_path)
    assert caught.value.problems == [
        f"{tmp_path}/empty.py: expected `DESTINATION = Destination(…)` in it",
        f"{tmp_path}/hawk.py: 'carrier' is the name of {tmp_path}/goose.py too",
    ]


def test_the_contract_and_names_with_an_underscore_are_no_destinations(tmp_path: Path) -> None:
    (tmp_path / "contract.py").write_text("raise AssertionError\n")
    (tmp_path / "_draft.py").write_text("raise AssertionError\n")
    assert find(tmp_path) == DESTINATIONS


def test_a_container_learns_what_its_settings_are() -> None:
    types = tag_types()
    webhook = types["webhook"]
    marked = [webhook.secrets, webhook.urls, webhook.headers]
    assert marked == [{"secret", "previous_secret"}, {"url"}, {"headers"}]
    assert webhook.cookies({}) == ()
    ga4 = types["ga4"]
    assert (ga4.name, ga4.config) == ("ga4", DESTINATIONS["ga4"].config)
    assert ga4.secrets == {"api_secret"}
    assert [ga4.urls, ga4.headers] == [{"endpoint"}, set()]
    assert (ga4.consent, ga4.needs_person) == (("analytics_storage",), True)
    assert ga4.cookies({"measurement_id": "G-ABC123"}) == ("_ga", "_ga_ABC123")


@pytest.mark.parametrize(
    ("type_", "settings", "fault"),
    [
        (
            "webhook",
            {"url": "http://{{ event.props.shop }}.example.com/orders"},
            "url: the host must be written here: an event may only fill what follows it",
        ),
        (
            "webhook",
            {"url": "https://a.example", "headers": {"authorization": "Bearer abc123"}},
            f"headers.authorization: {IN_CLEAR}",
        ),
        (
            "ga4",
            {"measurement_id": "UA-1", "api_secret": "$secret.GA4"},
            "measurement_id: expected G- and capital letters or digits",
        ),
        (
            "ga4",
            {"measurement_id": "G-1", "api_secret": "$secret.GA4", "event_name": "Page View!"},
            "event_name: GA4 takes no event 'Page View!'; did you mean Page_View?",
        ),
        (
            "ga4",
            {
                "measurement_id": "G-1",
                "api_secret": "$secret.GA4",
                "endpoint": "https://a.example/{{ event.path }}",
            },
            "endpoint: expected http:// or https:// and a host, without a path",
        ),
    ],
)
def test_what_a_marketer_may_get_wrong_is_told_in_words(
    type_: str, settings: dict[str, Any], fault: str
) -> None:
    tag = {"type": type_, "fires_on": ["all_pages"], "with": settings}
    (found,) = check({"id": "shop", "sites": ["self"], "tags": {"a": tag}}, tag_types())
    assert str(found).removeprefix("tags.a.with.").removeprefix("tags.a.with: ") == fault


def test_a_secret_is_one_under_every_guise() -> None:
    class Config(Struct, rename={"hidden": "with"}):
        plain: Annotated[str, Meta(min_length=1)]
        hidden: Secret
        perhaps: Secret | None = None

    webhook = DESTINATIONS["webhook"]
    types = tag_types({"x": replace(webhook, config=Config)})
    assert types["x"].secrets == {"with", "perhaps"}


def test_a_tag_is_told_beforehand_which_of_its_events_have_no_name_at_the_partner() -> None:
    meta = tag_types()["meta"]

    def told(**settings: str) -> list[str]:
        events = frozenset({"purchase", "scroll", "click"})
        asked = Asked(settings=settings, events=events, currency="EUR")
        return [text for _, text in meta.warn(asked)]

    assert told() == [
        f"Meta Conversions API has no event like {name!r}: set `event_name`, or it is refused"
        for name in ("click", "scroll")
    ]
    assert told(event_name="ViewContent") == []


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


def test_an_answer_s_text_is_left_to_whoever_looks_for_secrets_in_it() -> None:
    long = Response(status=400, body=b"x" * 299 + b"s3cret" + "é".encode() * 9000)
    assert judge_status(long) == Refused(
        "http_400", "x" * 299 + "s3cret" + "é" * (MAX_DETAIL_CHARS - 305)
    )
    away = Response(status=302, headers={"location": "/\udce9" + "x" * 300 + "s3cret"})
    assert judge_status(away) == Refused("redirect", "to /?" + "x" * 300 + "s3cret")


def carrier() -> str:
    """The example under a name of its own: the folder may have the example itself."""
    text = PIGEON.read_text(encoding="utf-8")
    return text.replace('name="pigeon"', 'name="carrier"')


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


def altered(config: Struct, field: FieldInfo) -> Struct:
    """The same with another value of a setting."""
    value = getattr(config, field.name)
    choices = [one for one in get_args(field.type) if isinstance(one, str) and one != value]
    if choices:
        other: Any = choices[0]
    elif isinstance(value, bool):
        other = not value
    else:
        other = "x" if value is None else f"{value}x" if isinstance(value, str) else value
    try:
        return replace(config, **{field.name: other})
    except ValueError:  # not without another setting
        return config


def quietened(sending: Sending) -> Sending:
    """The same for a stranger, with every `send_…` off."""
    switches = {name: False for name in asdict(sending.config) if name.startswith("send_")}
    return replace(sending, person=STRANGER, config=replace(sending.config, **switches))


def denied(sending: Sending) -> Sending:
    """The same of somebody who lets no user data go."""
    consent = {**sending.event.consent, "ad_user_data": "denied"}
    return replace(sending, event=replace(sending.event, consent=consent))


def unasked(sending: Sending) -> Sending:
    """The same of a tag that sends none, whatever is granted."""
    if "send_user_data" not in sending.config.__struct_fields__:
        return denied(sending)
    return replace(sending, config=replace(sending.config, send_user_data=False))


def everything(destination: Destination, sendings: list[Sending]) -> str:
    """What is said of some events, in one text; what a partner would refuse is not said."""
    messages = [(one, destination.message(one)) for one in sendings]
    taken = [(one, message) for one, message in messages if not isinstance(message, Refused)]
    if not taken:
        return ""
    request = destination.wrap([one for one, _ in taken], [message for _, message in taken])
    return f"{request.url} {request.headers} {request.body.decode()}"


def as_json(request: Request) -> tuple[str, str, dict[str, str], object]:
    """A request whose body is read, if it is JSON."""
    try:
        body: object = json.loads(request.body)
    except ValueError:
        body = request.body
    return request.method, request.url, request.headers, body


def grants(sending: Sending) -> bool:
    return sending.event.consent.get("ad_user_data") == "granted"


def secrets_of(person: Person) -> list[str]:
    return [
        text
        for value in asdict(person).values()
        for text in (value.values() if isinstance(value, Mapping) else [value])
    ]
