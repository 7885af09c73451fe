from __future__ import annotations

from pathlib import Path

import pytest

from server.containers.load import load_container, load_containers, secrets_needed
from server.containers.model import (
    Condition,
    Container,
    Cookie,
    CookieMode,
    Observe,
    Purpose,
    Tag,
    TagTypes,
    Trigger,
)
from server.errors import ConfigError
from server.resources import resource
from tests.containers.kinds import TYPES

HEAD = "id: shop\nsites: [self]\n"


def write(folder: Path, text: str, name: str = "site.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path, types: TagTypes | None = TYPES) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_container(path, types)
    return [problem.removeprefix(f"{path}") for problem in caught.value.problems]


def test_a_container_is_what_its_file_says(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """\
id: shop
name: The shop
sites: [https://www.shop.example, "http://localhost:3000"]
cookie: {mode: always, domain: shop.example, days: 30}
keep_cookies: [_ga]
observe: {page_views: false}
timezone: Europe/Madrid
currency: USD
triggers:
  big_orders:
    event: purchase
    when:
      - {value: "{{ event.value }}", greater: 100}
      - {value: "{{ event.host }}", not: true, in: [a.example, on]}
tags:
  ga4:
    type: measure
    fires_on: [big_orders, all_pages]
    needs_consent: [ad_storage]
    with: &settings
      measurement_id: G-1
      api_secret: $secret.GA4_API
  twin: {type: measure, fires_on: [all_events], with: *settings}
""",
    )
    settings = {"measurement_id": "G-1", "api_secret": "$secret.GA4_API"}
    container = load_container(path, TYPES)
    assert container == Container(
        id="shop",
        name="The shop",
        sites=["https://www.shop.example", "http://localhost:3000"],
        cookie=Cookie(mode=CookieMode.ALWAYS, domain="shop.example", days=30),
        keep_cookies=["_ga"],
        observe=Observe(page_views=False),
        timezone="Europe/Madrid",
        currency="USD",
        triggers={
            "big_orders": Trigger(
                event="purchase",
                when=[
                    Condition(value="{{ event.value }}", greater=100.0),
                    Condition(value="{{ event.host }}", negate=True, one_of=["a.example", "on"]),
                ],
            )
        },
        tags={
            "ga4": Tag(
                type="measure",
                fires_on=["big_orders", "all_pages"],
                needs_consent=[Purpose.AD_STORAGE],
                settings=settings,
            ),
            "twin": Tag(type="measure", fires_on=["all_events"], settings=settings),
        },
    )
    assert secrets_needed(container) == {
        "GA4_API": ["tags.ga4.with.api_secret", "tags.twin.with.api_secret"]
    }


def test_the_smallest_container_takes_the_private_defaults(tmp_path: Path) -> None:
    container = load_container(write(tmp_path, "id: shop\nsites: [https://shop.example]\n"))
    assert container.cookie == Cookie(mode=CookieMode.CONSENT, name=None, domain=None, days=390)
    assert container.cookie_name == "fh_shop"
    assert container.keep_cookies == []
    assert secrets_needed(container) == {}


def test_every_error_is_told_at_once_with_line_path_and_the_nearest_word(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "name: x\ncookie:\n  mode: maybe\n  dayz: 3\n  days: 9999\nobserve: [1]\n"
        "timezone: 5\ncurrency: eur\n",
    )
    assert problems(path) == [
        ":1:1: id: missing",
        ":1:1: sites: missing",
        ":3:3: cookie.mode: 'maybe' is not one of consent, exempt, always, never",
        ":4:3: cookie.dayz: no such key; did you mean days?",
        ":5:3: cookie.days: expected `int` <= 400",
        ":6:1: observe: expected `object`, got `array`",
        ":7:1: timezone: expected `str`, got `int`",
        ":8:1: currency: expected three capitals such as EUR",
    ]


def test_errors_of_triggers_tags_and_their_values_have_their_places_too(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        HEAD
        + """\
currency: eur
triggers:
  buy:
    event: purchase
    when:
      - value: "{{ evnt.value }}"
        greater: 100
      - {value: "{{ event.path }}", matches: "(a"}
tags:
  hook:
    type: webhok
    fires_on: [buyy]
  ga4:
    type: measure
    fires_on: [buy]
    needs_consent: [ad_storag]
    with:
      measurement_id: G-{{ event.nme }}
      api_secret: hunter2
      engagement_ms: fast
      loop: &loop {again: *loop}
""",
    )
    assert problems(path) == [
        ":3:1: currency: expected three capitals such as EUR",
        ":8:9: triggers.buy.when[0].value: `evnt.value` is not known; did you mean event.value?",
        ":10:37: triggers.buy.when[1].matches: RE2: missing ): (a",
        ":13:5: tags.hook.type: no destination 'webhok'; did you mean webhook?",
        ":14:16: tags.hook.fires_on[0]: no trigger 'buyy'; did you mean buy?",
        ":18:21: tags.ga4.needs_consent[0]: 'ad_storag' is not one of ad_storage, "
        "analytics_storage, ad_user_data, ad_personalization; did you mean ad_storage?",
        ":20:7: tags.ga4.with.measurement_id: `event.nme` is not known; did you mean event.name?",
        ":21:7: tags.ga4.with.api_secret: a secret in clear: write $secret.NAME and set "
        "FREEHOLD_SECRET_NAME, or put it into a file",
        ":22:7: tags.ga4.with.engagement_ms: expected `int`, got `str`",
        ":23:7: tags.ga4.with.loop: no such key",
        ":23:20: tags.ga4.with.loop.again: an alias that contains itself",
    ]


def test_what_types_cannot_say_is_checked_too(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "id: healthz\nsites: [https://a.example/path, 'ftp://b.example', '*', 'http://[']\n"
        "timezone: Mars/Olympus\n",
    )
    found = problems(path)
    assert found[0] == ":1:1: id: 'healthz' is a path of the collector's own"
    assert found[5] == ":3:1: timezone: 'Mars/Olympus' is not an IANA time zone"
    assert len(found) == 6
    assert all("is not an origin" in problem for problem in found[1:5])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id: [", ":1:6: "),
        ("- " * 3000, ": "),
        (
            "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n" + "d: [" + "*c, " * 5000 + "]",
            ":2:4: d[1331][1]: too many values, aliases counted; 20000 at most",
        ),
        (HEAD + "tags: &t {t: *t}\n", ":3:11: tags.t: an alias that contains itself"),
        (HEAD + "x: " + "[" * 40 + "]" * 40, ":3:1: x: no such key"),
        (HEAD + "name: 2026-01-01 10:00:00\n", ":3:1: name: expected text, number, list or map"),
        (HEAD + 'name: "\\ud800"\n', ":3:1: name: half a surrogate pair"),
        (HEAD + "timezone: !zone UTC\n", ":3:1: timezone: expected text, number, list or mapping"),
    ],
)
def test_what_is_not_a_container_is_told_without_a_crash(
    tmp_path: Path, text: str, expected: str
) -> None:
    assert problems(write(tmp_path, text))[0].startswith(expected)


def test_a_placeholder_without_quotes_is_told_where_it_stands(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        HEAD
        + """\
tags:
  hook:
    type: webhook
    fires_on: [all_events]
    with:
      url: https://a.example
      body:
        value: {{ event.value }}
        list: [{{ event.items }}]
        several: {{ event.a, event.b }}
        none: {{}}
        number: {{ 5 }}
""",
    )
    assert problems(path) == [
        ':10:9: tags.hook.with.body.value: put "{{ event.value }}" in quotes',
        ':11:16: tags.hook.with.body.list[0]: put "{{ event.items }}" in quotes',
        ":12:9: tags.hook.with.body.several: put a text with {{ … }} in quotes",
        ":13:9: tags.hook.with.body.none: put a text with {{ … }} in quotes",
        ":14:9: tags.hook.with.body.number: put a text with {{ … }} in quotes",
    ]


@pytest.mark.parametrize("domain", ["пример.рф", "a b", ".shop.example", "x; Path=/", "A.example"])
def test_a_cookie_domain_is_a_host_name(tmp_path: Path, domain: str) -> None:
    text = f"id: shop\nsites: [self]\ncookie: {{domain: '{domain}'}}\n"
    assert "cookie.domain" in problems(write(tmp_path, text))[0]


def test_names_and_values_may_be_of_any_script_but_tags_are_named_in_ascii(tmp_path: Path) -> None:
    text = HEAD + "triggers: {kauf: {event: größe}}\nname: 店\n"
    assert load_container(write(tmp_path, text)).triggers == {"kauf": Trigger(event="größe")}
    text = HEAD + "triggers:\n  größe: {}\n"
    assert problems(write(tmp_path, text))[0].startswith(":4:3: triggers.größe: as a name: ")


def test_without_types_tags_are_not_checked_against_destinations(tmp_path: Path) -> None:
    text = HEAD + "tags:\n  a: {type: later, fires_on: [all_pages], with: {x: [1, true, on]}}\n"
    path = write(tmp_path, text)
    assert load_container(path).tags == {
        "a": Tag(type="later", fires_on=["all_pages"], settings={"x": [1, True, "on"]})
    }
    assert problems(path) == [
        ":4:7: tags.a.type: no destination 'later'; there are measure, webhook"
    ]


def test_a_folder_without_containers_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"copy one from minimal\.yaml"):
        load_containers(tmp_path)


def test_the_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "tags: {a: {type: x, fires_on: [all_pages]}}\n", "a.yaml")
    write(tmp_path, "id: shop\n", "b.yaml")
    with pytest.raises(ConfigError) as caught:
        load_containers(tmp_path, TYPES)
    assert [problem.removeprefix(f"{tmp_path}/") for problem in caught.value.problems] == [
        "a.yaml:3:12: tags.a.type: no destination 'x'; there are measure, webhook",
        "b.yaml:1:1: sites: missing",
    ]


def test_two_files_with_one_id_are_refused(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        write(tmp_path, "id: shop\nsites: [https://shop.example]\n", name)
    with pytest.raises(ConfigError, match=r"b\.yaml: id: another file has the id 'shop'"):
        load_containers(tmp_path)


def test_the_shipped_containers_are_well() -> None:
    assert set(load_containers(resource("tag_configs"))) >= {"demo", "minimal"}


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "variables:\n" + "".join(
            f"  v{n}: {{type: value, value: '{{{{ v{n + 1} }}}}'}}\n" for n in range(2_000)
        ),
        HEAD + "triggers: {t: {when: [{value: '{{ event.name }}', "
        "matches: '" + "(a" * 5_000 + "'}]}}",
        HEAD + "variables: {v: {type: pattern, input: a, "
        "rows: [{matches: '((a{9}){9}){9}{9}', gives: 1}]}}",
        HEAD + "variables: {v: {type: value, value: " + "[" * 10_000 + "]" * 10_000 + "}}",
        HEAD + "variables:\n" + "".join(f"{'  ' * n}a:\n" for n in range(1, 2_000)),
        HEAD + "variables: {v: {type: constant, value: 1}, v: {type: constant, value: 2}}",
        HEAD + "name: '" + "x" * 5_000_000 + "'",
        HEAD + "transformations: {t: {augment: {'': 1, props.: 2, person: 3}}}",
    ],
    ids=["chain", "long pattern", "huge pattern", "brackets", "indents", "twice", "5 MB", "fields"],
)  # fmt: skip
def test_bad_input_to_the_newer_parts_is_told_and_crashes_nothing(
    tmp_path: Path, text: str
) -> None:
    told = problems(write(tmp_path, text))
    assert 0 < len(told) <= 50
    assert all(len(line) < 500 for line in told)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    assert load_container(write(tmp_path, "\ufeff" + HEAD)).id == "shop"
