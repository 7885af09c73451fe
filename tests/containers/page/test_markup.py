"""HTML cut into pieces: where a value may stand, and how it is written there."""

from __future__ import annotations

import pytest

from server.containers.model import Variable
from server.containers.model.variable import Constant
from server.containers.page.looks import Known, look_at
from server.containers.page.markup import NONCE, cut, element, encoded

VARIABLES: dict[str, Variable] = {"brand": Constant(value='a"b')}
KNOWN = Known(variables=VARIABLES)
NAME = look_at("event.name", KNOWN).tree


def test_scripts_and_styles_get_the_nonce_and_nothing_else_changes() -> None:
    html = "<p id=a>x<script type=module>if (a < b) '<style>'</script><style>p {}</style>"
    first, nonce, second, again, third = cut(html, KNOWN)
    assert (nonce, again) == (NONCE, NONCE)
    assert first == '<p id=a>x<script nonce="'
    assert second == "\" type=module>if (a < b) '<style>'</script><style nonce=\""
    assert third == '">p {}</style>'


@pytest.mark.parametrize(
    ("script", "before", "after"),
    [
        ("a({{ event.name }})", 'a(decodeURIComponent("', '"))'),
        ("a('x-{{ event.name }}')", "a('x-'+decodeURIComponent(\"", "\")+'')"),
        ('a("{{ event.name }}")', 'a(""+decodeURIComponent("', '")+"")'),
        ("a(`{{ event.name }}`)", 'a(`${decodeURIComponent("', '")}`)'),
        ("'it\\'s';a({{ event.name }})", "'it\\'s';a(decodeURIComponent(\"", '"))'),
        ("// it's\na({{ event.name }})", "// it's\na(decodeURIComponent(\"", '"))'),
        ("'//';a({{ event.name }})", "'//';a(decodeURIComponent(\"", '"))'),
    ],
)
def test_in_a_script_a_value_is_a_text(script: str, before: str, after: str) -> None:
    _, _, first, look, last = cut(f"<script>{script}</script>", KNOWN)
    assert look == NAME
    assert first == f'">{before}'
    assert last == f"{after}</script>"


def test_in_an_address_a_value_fills_the_query() -> None:
    parts = cut("<img alt=a src='https://a.example/?n={{ event.name }}&b=1'>", KNOWN)
    assert parts == ["<img alt=a src='https://a.example/?n=", NAME, "&b=1'>"]
    image = element("image", 'https://a.example/?q="&n={{ event.name }}', KNOWN)
    assert image == ['<img alt="" src="https://a.example/?q=&quot;&amp;n=', NAME, '">']
    script = element("script", "https://a.example/a.js", KNOWN)
    assert script == ['<script nonce="', NONCE, '" async src="https://a.example/a.js"></script>']


def test_what_is_known_beforehand_is_written_beforehand() -> None:
    image = element("image", "https://a.example/?b={{ brand }}", KNOWN)
    assert image == ['<img alt="" src="https://a.example/?b=a%22b">']
    assert encoded("é /'(_1") == "%c3%a9%20%2f%27%28_1"


@pytest.mark.parametrize(
    "html",
    [
        "<p>{{ event.name }}</p>",
        "<p class={{ event.name }}>",
        "<p onclick='a({{ event.name }})'>",
        '<p style="{{ event.name }}">',
        '<iframe srcdoc="{{ event.name }}"></iframe>',
        "<{{ event.name }}>",
        "<p {{ event.name }}=a>",
        "<!-- {{ event.name }} -->",
        "<style>{{ event.name }}</style>",
        "<script type='application/json'>{{ event.name }}</script>",
        "<script>a</script>{{ event.name }}",
        "<textarea><script>{{ event.name }}</script></textarea>",
        '<p title="><script>{{ event.name }}">',
    ],
)
def test_elsewhere_it_cannot_stand(html: str) -> None:
    with pytest.raises(ValueError, match="a placeholder cannot stand here"):
        cut(html, KNOWN)


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ("<a href='{{ event.url }}'>", "the host must be written here"),
        ("<a href='javascript:a({{ event.url }})'>", "the host must be written here"),
        ("<img src=https://{{ event.host }}/?a>", "the host must be written here"),
        ("<img src=https://a.example/{{ event.name }}?a>", "only fill the query"),
        ("<script>document . write('x')</script>", "would erase the page"),
        ("<script>a({{ event.city }})</script>", "which a page does not know"),
        ("<script>" + "{{ event.name }}" * 51 + "</script>", "51 placeholders; 50 at most"),
    ],
)
def test_what_would_be_wrong_is_told(html: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        cut(html, KNOWN)


def test_an_address_is_https() -> None:
    for src in ("http://a.example/", "//a.example/", "javascript:a", "https:a"):
        with pytest.raises(ValueError, match="https://"):
            element("image", src, KNOWN)
