from __future__ import annotations

from pathlib import Path

import pytest

from server.containers.load import load_container, load_containers
from server.containers.model import Container, Cookie, CookieMode, Observe
from server.errors import ConfigError
from server.resources import resource


def write(folder: Path, text: str, name: str = "site.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_container(path)
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
""",
    )
    assert load_container(path) == Container(
        id="shop",
        name="The shop",
        sites=["https://www.shop.example", "http://localhost:3000"],
        cookie=Cookie(mode=CookieMode.ALWAYS, domain="shop.example", days=30),
        keep_cookies=["_ga"],
        observe=Observe(page_views=False),
        timezone="Europe/Madrid",
        currency="USD",
    )


def test_the_smallest_container_takes_the_private_defaults(tmp_path: Path) -> None:
    container = load_container(write(tmp_path, "id: shop\nsites: [https://shop.example]\n"))
    assert container.cookie == Cookie(mode=CookieMode.CONSENT, name=None, domain=None, days=390)
    assert container.cookie_name == "fh_shop"
    assert container.keep_cookies == []


def test_every_error_is_told_at_once_with_line_path_and_the_nearest_word(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "name: x\ncookie:\n  mode: maybe\n  dayz: 3\n  days: 9999\nobserve: [1]\n"
        "timezone: 5\ncurrency: eur\n",
    )
    assert problems(path) == [
        ":3:3: cookie.mode: invalid enum value 'maybe'",
        ":4:3: cookie.dayz: no such key; did you mean days?",
        ":5:3: cookie.days: expected `int` <= 400",
        ":6:1: observe: expected `object`, got `array`",
        ":7:1: timezone: expected `str`, got `int`",
        ":8:1: currency: expected `str` matching regex '^[A-Z]{3}$'",
        ":1:1: id: missing",
        ":1:1: sites: missing",
    ]


def test_what_types_cannot_say_is_checked_too(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "id: healthz\nsites: [https://a.example/path, 'ftp://b.example', '*', 'http://[']\n"
        "timezone: Mars/Olympus\n",
    )
    found = problems(path)
    assert found[0] == ":1:1: id: 'healthz' is a path of the collector's own"
    assert found[1] == ":3:1: timezone: 'Mars/Olympus' is not an IANA time zone"
    assert len(found) == 6
    assert all("is not an origin" in problem for problem in found[2:])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id: [", ":1:6: "),
        ("a: 1\na: 2\n", ":2:1: "),
        ("- 1\n", ": expected keys such as"),
        ("just text", ": expected keys such as"),
        ("", ": expected keys such as"),
        ("[" * 3000, ": brackets are nested deeper than 200"),
        ("- " * 3000, ": "),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n" + "d: [" + "*c, " * 5000 + "]", ": too "),
        ("\x00", ": "),
    ],
)
def test_what_is_not_a_container_is_told_without_a_crash(
    tmp_path: Path, text: str, expected: str
) -> None:
    assert problems(write(tmp_path, text))[0].startswith(expected)


@pytest.mark.parametrize("domain", ["пример.рф", "a b", ".shop.example", "x; Path=/", "A.example"])
def test_a_cookie_domain_is_a_host_name(tmp_path: Path, domain: str) -> None:
    text = f"id: shop\nsites: [self]\ncookie: {{domain: '{domain}'}}\n"
    assert "cookie.domain" in problems(write(tmp_path, text))[0]


def test_a_file_too_large_or_not_utf8_is_refused(tmp_path: Path) -> None:
    assert "larger than" in problems(write(tmp_path, "#" * 2_000_000))[0]
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"name: \xe9\n")
    assert "cannot be read" in problems(path)[0]


def test_yaml_12_keeps_on_and_yes_as_words(tmp_path: Path) -> None:
    path = write(tmp_path, "id: shop\nname: on\nsites: [https://shop.example]\n")
    assert load_container(path).name == "on"


def test_a_folder_without_containers_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"copy one from minimal\.yaml"):
        load_containers(tmp_path)


def test_two_files_with_one_id_are_refused(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        write(tmp_path, "id: shop\nsites: [https://shop.example]\n", name)
    with pytest.raises(ConfigError, match=r"b\.yaml: id: another file has the id 'shop'"):
        load_containers(tmp_path)


def test_the_shipped_containers_are_well() -> None:
    assert set(load_containers(resource("tag_configs"))) >= {"demo", "minimal"}
