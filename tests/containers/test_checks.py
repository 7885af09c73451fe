from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.containers.address import HOST_FIRST
from server.containers.checks import check
from server.containers.decide import compile_container
from server.containers.explain import MAX_FAULTS, Fault
from server.containers.lint import notes, warnings
from server.containers.model import Container
from server.containers.site_checks import ADOPTS_NOTHING
from server.containers.tag_checks import IN_CLEAR
from server.containers.values import LOWER_CASE
from tests.containers.kinds import TYPES, hook, tree

ANYTHING: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["{{ event.name }}", "{{", "a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "fires_on", "with", "when", "value", "equals", "matches"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


def of_tag(**tag: Any) -> list[Fault]:
    """Faults of a container with one tag, without the path to it."""
    found = check(tree(tags={"a": {**hook(), **tag}}), TYPES)
    assert all(fault.path[:2] == ("tags", "a") for fault in found)
    return [Fault(fault.path[2:], fault.text) for fault in found]


def of_settings(type_: str, settings: dict[str, Any]) -> list[Fault]:
    found = of_tag(type=type_, **{"with": settings})
    assert all(fault.path[0] == "with" for fault in found)
    return [Fault(fault.path[1:], fault.text) for fault in found]


def test_a_whole_container_is_well() -> None:
    tags = {
        "hook": hook(headers={"X-Key": "$secret.HOOK", "X-Name": "{{ event.name }}"}),
        "measure": {
            "type": "measure",
            "fires_on": ["buy", "all_pages"],
            "needs_consent": [],
            "with": {
                "measurement_id": "G-1",
                "api_secret": "$secret.GA4_API",
                "maps": [{"from": "{{ event.path }}"}],
                "events": ["{{ event.name }}"],
                "engagement_ms": "{{ event.nums.engagement }}",
            },
        },
    }
    triggers = {"buy": {"event": "purchase", "when": [{"value": "{{ event.value }}", "less": 5}]}}
    assert check(tree(triggers=triggers, tags=tags), TYPES) == []


def test_unknown_destinations_and_triggers_are_told_with_the_nearest() -> None:
    assert of_tag(type="webhok", fires_on=["all_page", "zzz"]) == [
        Fault(("fires_on", 0), "no trigger 'all_page'; did you mean all_pages?"),
        Fault(("fires_on", 1), "no trigger 'zzz'; there are all_events, all_pages"),
        Fault(("type",), "no destination 'webhok'; did you mean webhook?"),
    ]
    assert of_tag(type="x") == [
        Fault(("type",), "no destination 'x'; there are measure, webhook"),
    ]


def test_without_types_tags_are_not_checked_against_destinations() -> None:
    tags = {"a": {"type": "any", "fires_on": ["nope"], "with": {"b": "{{ x"}}}
    assert [fault.path for fault in check(tree(tags=tags), None)] == [
        ("tags", "a", "fires_on", 0),
        ("tags", "a", "with", "b"),
    ]


@pytest.mark.parametrize(
    "value", ["hunter2", "{{ event.name }}", "$secret.a-b", "", 5, None, ["x"]]
)
def test_a_secret_in_clear_is_refused_and_not_shown(value: object) -> None:
    settings = {"measurement_id": "G", "api_secret": value}
    assert of_settings("measure", settings) == [Fault(("api_secret",), IN_CLEAR)]


def test_a_secret_s_name_is_in_capitals() -> None:
    settings = {"measurement_id": "G", "api_secret": "$secret.ga4", "debug": True}
    assert of_settings("measure", settings) == [Fault(("api_secret",), LOWER_CASE)]


@pytest.mark.parametrize(
    "name", ["Authorization", "X-API-Key", "api-key", "x-auth-token", "COOKIE"]
)
def test_a_header_that_lets_somebody_in_is_a_secret(name: str) -> None:
    def of(value: str) -> list[Fault]:
        return of_settings("webhook", {"url": "https://a", "headers": {name: value, "X-Shop": "a"}})

    assert of("Bearer abc123") == [Fault(("headers", name), IN_CLEAR)]
    assert of("$secret.HOOK") == []
    (fault,) = of("Bearer $secret.HOOK")
    assert fault.text.endswith("such as `Bearer `, goes into the secret")


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://{{ event.props.shop }}.example.com/orders", HOST_FIRST),
        ("{{ event.url }}", HOST_FIRST),
        ("https://{{ event.host }}", HOST_FIRST),
        ("https://a.example{{ event.path }}", HOST_FIRST),
        ("https://a.example:{{ event.props.port }}/x", HOST_FIRST),
        ("https://{{ event.user_id }}@a.example/x", HOST_FIRST),
        (r"https://a.example\{{ event.path }}/x", HOST_FIRST),
        ("https:///{{ event.path }}", HOST_FIRST),
        ("ftp://a.example/{{ event.path }}", "expected http:// or https://"),
    ],
)
def test_no_event_chooses_a_host(url: str, text: str) -> None:
    assert of_settings("webhook", {"url": url}) == [Fault(("url",), text)]


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/{{ event.name }}",
        "http://[::1]:8000/orders?t={{ event.title }}#{{ event.name }}",
        "https://a.example?t={{ event.title }}",
        "$secret.URL",
    ],
)
def test_an_event_may_fill_what_follows_the_host(url: str) -> None:
    assert of_settings("webhook", {"url": url}) == []


def test_sites_match_exactly() -> None:
    (fault,) = check(tree(sites=["https://*.example.com"]), None)
    assert fault.path == ("sites", 0)
    assert fault.text == (
        "'https://*.example.com' is not an origin; "
        "sites match exactly: name each, such as https://www.example.com"
    )


def test_a_secret_is_allowed_alone_in_any_setting() -> None:
    assert of_settings("webhook", {"url": "$secret.URL", "secret": "$secret.KEY"}) == []


def test_settings_are_checked_against_the_destination() -> None:
    settings = {
        "measurment_id": "G",
        "api_secret": "$secret.A",
        "maps": [{"form": "x", "from": "a"}, {"to": "{{ event.name }}"}, "{{ event.props }}"],
        "events": [],
        "engagement_ms": "5",
    }
    assert of_settings("measure", settings) == [
        Fault(("measurment_id",), "no such key; did you mean measurement_id?"),
        Fault(("measurement_id",), "missing"),
        Fault(("maps", 0, "form"), "no such key; did you mean from?"),
        Fault(("maps", 1, "from"), "missing"),
        Fault(("events",), "expected `array` of length >= 1"),
        Fault(("engagement_ms",), "expected `int`, got `str`"),
    ]
    assert of_settings("webhook", {"url": "ftp://a", "method": "GET"}) == [
        Fault(("url",), "expected http:// or https://"),
        Fault(("method",), "'GET' is not one of POST, PUT"),
    ]


def test_one_fault_hides_no_other() -> None:
    triggers = {
        "all_pages": {"event": "x"},
        "buy": {
            "event": 5,
            "when": [{"value": "{{ x }}", "equls": 1}, {"value": "{{ event.path }}"}],
        },
    }
    tags = {"a": {"type": "nope", "fires_on": ["buyy"], "with": {"url": "{{ }}"}, "x": 1}, "b": 5}
    found = check(tree(id="healthz", zone=1, triggers=triggers, tags=tags), TYPES)
    assert sorted(str(fault.path) for fault in found) == sorted(
        str(path)
        for path in [
            ("zone",),
            ("id",),
            ("triggers", "all_pages"),
            ("triggers", "buy", "event"),
            ("triggers", "buy", "when", 0, "equls"),
            ("triggers", "buy", "when", 0, "value"),
            ("triggers", "buy", "when", 1),
            ("tags", "a", "x"),
            ("tags", "a", "type"),
            ("tags", "a", "fires_on", 0),
            ("tags", "a", "with", "url"),
            ("tags", "b"),
        ]
    )


def test_a_built_in_trigger_is_not_defined_again() -> None:
    assert check(tree(triggers={"all_events": {}}), None) == [
        Fault(("triggers", "all_events"), "is built in; choose another name")
    ]


def test_purposes_are_those_of_consent_mode() -> None:
    (fault,) = of_tag(needs_consent=["ad_storage", "ad_user"])
    assert fault.path == ("needs_consent", 1)
    assert fault.text.endswith("; did you mean ad_user_data?")


def test_thousands_of_faults_are_told_as_the_first_fifty() -> None:
    when = [{"value": "{{ evnt.name }}", "equals": 1}] * 3000
    assert len(check(tree(triggers={"a": {"when": when}}), None)) == MAX_FAULTS


@given(st.dictionaries(st.sampled_from(["id", "sites", "timezone", "triggers", "tags"]), ANYTHING))
def test_a_tree_without_faults_is_a_container_and_nothing_crashes(more: dict[str, Any]) -> None:
    if check(tree(**more), TYPES) == []:
        msgspec.convert(tree(**more), Container)


@given(st.dictionaries(st.sampled_from(["type", "fires_on", "needs_consent", "with"]), ANYTHING))
def test_no_tag_crashes_the_checks(tag: dict[str, Any]) -> None:
    found = check(tree(tags={"a": {**hook(), **tag}}), TYPES)
    assert len({fault.path for fault in found}) == len(found)


def test_an_exempt_identity_is_not_made_of_a_cookie_that_outlives_it() -> None:
    def faults(mode: str, name: str = "_pk_id.1.1fff") -> list[Fault]:
        return check(tree(cookie={"mode": mode, "adopt": [name]}), TYPES)

    assert faults("exempt") == faults("never") == [Fault(("cookie", "adopt"), ADOPTS_NOTHING)]
    assert faults("consent") == faults("always") == faults("always", "_sp_id.1fff") == []
    for name in ("_ga_ABC", "sid", "_ga.1", "_pk_id.", "_pk_ses.1.1fff"):
        assert [fault.path for fault in faults("consent", name)] == [("cookie", "adopt", 0)]


def test_the_function_of_a_page_is_not_called_as_something_of_the_browser_s() -> None:
    assert check(tree(global_name="kiln_1"), TYPES) == []
    own = Fault(("global_name",), "'location' is the browser's own")
    assert check(tree(global_name="location"), TYPES) == [own]
    for name in ("k", "1st", "a-b", "k" * 33):
        assert [fault.path for fault in check(tree(global_name=name), TYPES)] == [("global_name",)]


def test_a_name_does_not_end_with_a_line_break() -> None:
    found = check(tree(id="shop\n", currency="EUR\n", cookie={"name": "a\n"}), TYPES)
    broken = "ends with a line break"
    paths: list[tuple[str | int, ...]] = [("id",), ("currency",), ("cookie", "name")]
    assert found == [Fault(path, broken) for path in paths]


@pytest.mark.parametrize(
    ("more", "path", "told"),
    [
        (
            {"variables": {"a": {"type": "rndom"}}},
            ("variables", "a", "type"),
            "'rndom' is not one of event, url, referrer,",
        ),
        ({"variables": {"a": {}}}, ("variables", "a", "type"), "missing; one of event, url,"),
        (
            {"variables": {"a": {"type": "random", "form": 1}}},
            ("variables", "a", "form"),
            "no such key; did you mean from?",
        ),
        (
            {"variables": {"a": {"type": "header", "name": "cookie"}}},
            ("variables", "a", "name"),
            "'cookie' is not one of accept-language,",
        ),
        (
            {"variables": {"a": {"type": "constant", "value": {"k": "$secret.KEY"}}}},
            ("variables", "a", "value", "k"),
            "secrets stand in a tag's `with` only",
        ),
        (
            {
                "variables": {
                    f"v{n}": {"type": "value", "value": f"{{{{ v{1 - n} }}}}"} for n in (0, 1)
                }
            },
            ("variables", "v0"),
            "needs itself: v0 → v1 → v0",
        ),
        (
            {"tags": {"a": {"except": ["al_pages"]}}},
            ("tags", "a", "except", 0),
            "did you mean all_pages?",
        ),
        (
            {"tags": {"a": {"folder": "shp"}}},
            ("tags", "a", "folder"),
            "no folder 'shp'; did you mean shop?",
        ),
        (
            {"tags": {"a": {"schedule": {"days": ["mo"]}}}},
            ("tags", "a", "schedule", "days", 0),
            "did you mean mon?",
        ),
        (
            {"tags": {"a": {"schedule": {"from": "2026-13-01"}}}},
            ("tags", "a", "schedule", "from"),
            "there is no such day or time",
        ),
        (
            {"tags": {"a": {"schedule": {"hours": ["9-18"]}}}},
            ("tags", "a", "schedule", "hours", 0),
            "such as 09:00-18:00",
        ),
        (
            {"tags": {"a": {"limit": {"per": "event"}}}},
            ("tags", "a", "limit", "per"),
            "'event' is not one of page,",
        ),
        ({"tags": {"a": {"sample": 0}}}, ("tags", "a", "sample"), "expected `float` > 0"),
        (
            {"tags": {"a": {"environments": ["prod"]}}},
            ("tags", "a", "environments", 0),
            "'prod' is not one of live, staging",
        ),
        ({"triggers": {"t": {"all_of": ["x"]}}}, ("triggers", "t", "all_of", 0), "no trigger 'x'"),
        (
            {"triggers": {"t": {"all_of": ["u"]}, "u": {"all_of": ["all_pages"]}}},
            ("triggers", "t", "all_of", 0),
            "is a group itself",
        ),
        (
            {"triggers": {"t": {"within": "session"}}},
            ("triggers", "t", "within"),
            "only of a group",
        ),
        (
            {"triggers": {"t": {"all_of": ["all_pages"], "event": "x"}}},
            ("triggers", "t", "all_of"),
            "neither `event` nor `when`",
        ),
        (
            {"triggers": {"t": {"when": [{"value": "{{ event.name }}", "matches_css": ".a"}]}}},
            ("triggers", "t", "when", 0, "matches_css"),
            "hits tell of no elements",
        ),
        (
            {"transformations": {"t": {"exclude": ["vlue"]}}},
            ("transformations", "t", "exclude", 0),
            "did you mean value?",
        ),
        (
            {"transformations": {"t": {"tags": ["b"], "exclude": ["value"]}}},
            ("transformations", "t", "tags", 0),
            "no tag 'b'",
        ),
        ({"templates": ["ga4_ecomerce"]}, ("templates", 0), "did you mean ga4_ecommerce?"),
        ({"paths": {"tag": "hit"}}, ("paths",), "need paths of their own"),
        ({"paths": {"hit": "a/b"}}, ("paths", "hit"), "one part of a path"),
        ({"paths": {"link": "hit.gif"}}, ("paths",), "need paths of their own"),
        ({"links": {"domains": ["https://a.example"]}}, ("links", "domains", 0), "shop.example"),
        ({"links": {"domains": ["a.example/x"]}}, ("links", "domains", 0), "without scheme"),
        ({"links": {"domains": ["*.example"]}}, ("links", "domains", 0), "without scheme"),
        ({"links": {"domains": ["a.example:80"]}}, ("links", "domains", 0), "without scheme"),
        ({"links": {"domains": ["a.example\n"]}}, ("links", "domains", 0), "line break"),
        (
            {"links": {"domains": ["a.example"]}, "cookie": {"mode": "exempt"}},
            ("links", "domains"),
            "consent or always",
        ),
        (
            {"consent": {"defaults": [{"regions": ["France"], "purposes": {}}]}},
            ("consent", "defaults", 0, "regions", 0),
            "such as FR, US-CA",
        ),
        (
            {"consent": {"defaults": [{"purposes": {"ads": "granted"}}]}},
            ("consent", "defaults", 0, "purposes", "ads"),
            "as a name",
        ),
    ],
)
def test_every_part_of_the_language_is_checked(
    more: dict[str, Any], path: tuple[str | int, ...], told: str
) -> None:
    if "tags" in more:
        more = {"tags": {name: {**hook(), **tag} for name, tag in more["tags"].items()}}
    found = check(tree(folders={"shop": ""}, **more), TYPES)
    assert [fault.path for fault in found] == [path]
    assert told in found[0].text


PARTS: Any = st.fixed_dictionaries(
    {},
    optional={
        "variables": st.dictionaries(
            st.sampled_from(["a", "b", "event"]),
            ANYTHING
            | st.fixed_dictionaries(
                {"type": st.sampled_from(["value", "url", "lookup", "pattern", "random", "x"])},
                optional={
                    "value": ANYTHING,
                    "of": ANYTHING,
                    "input": st.just("{{ b }}") | ANYTHING,
                    "table": ANYTHING,
                    "rows": ANYTHING,
                    "from": ANYTHING,
                    "default": ANYTHING,
                },
            ),
        ),
        "triggers": st.dictionaries(
            st.sampled_from(["t", "all_pages"]),
            ANYTHING
            | st.fixed_dictionaries(
                {},
                optional={
                    "event": ANYTHING,
                    "when": ANYTHING,
                    "all_of": ANYTHING | st.just(["t", "all_pages"]),
                    "limit": ANYTHING | st.just({"per": "page"}),
                    "schedule": ANYTHING | st.just({"from": "2026-01-01"}),
                    "sample": ANYTHING,
                    "folder": ANYTHING,
                },
            ),
        ),
        "transformations": st.dictionaries(
            st.just("x"),
            ANYTHING
            | st.fixed_dictionaries(
                {},
                optional={
                    "tags": ANYTHING,
                    "allow": ANYTHING | st.just(["value"]),
                    "exclude": ANYTHING | st.just(["props"]),
                    "augment": ANYTHING | st.just({"title": "{{ a }}"}),
                    "when": ANYTHING,
                },
            ),
        ),
        "templates": ANYTHING | st.just(["ga4_ecommerce"]),
        "folders": ANYTHING,
        "paths": ANYTHING,
        "consent": ANYTHING,
        "tags": st.dictionaries(st.just("a"), st.just(hook())),
    },
)


@given(PARTS)
def test_what_passes_the_checks_compiles_and_is_linted_and_the_rest_is_told(
    more: dict[str, Any],
) -> None:
    if check(tree(**more), TYPES) == []:
        container = msgspec.convert(tree(**more), Container)
        compile_container(container, TYPES)
        warnings(container, TYPES)
        notes(container)
