from __future__ import annotations

from server.containers.gtm.references import Meaning, Text, constant, names_in, translate

KNOWN = {
    "Page Path": Meaning(look="event.path"),
    "Stream": Meaning(look="stream", constant="G-1"),
    "Script": Meaning(lost="is not run"),
}


def test_names_become_ours_wherever_they_stand() -> None:
    assert translate("{{Stream}}-{{ Page Path }}!", KNOWN) == Text(
        value="{{ stream }}-{{ event.path }}!"
    )


def test_what_stands_for_nothing_is_told_once() -> None:
    found = translate("{{Script}}{{Script}}{{Other}}", KNOWN)
    assert found.lost == (
        "{{Script}}: is not run",
        "{{Other}}: the export does not define it",
    )


def test_an_export_cannot_ask_for_a_secret() -> None:
    assert translate("$secret.DB", KNOWN).lost == ("would name a secret of yours",)
    assert translate("{{Stream", KNOWN).lost == ("braces that do not close",)


def test_a_constant_is_known_beforehand() -> None:
    assert constant("{{Stream}}-x", KNOWN) == "G-1-x"
    assert constant("{{Page Path}}", KNOWN) is None
    assert constant("plain", KNOWN) == "plain"


def test_every_name_in_a_parameter_is_found() -> None:
    assert list(names_in({"a": ["{{One}} {{ Two }}", {"b": "{{Three}}"}], "c": True})) == [
        "One",
        "Two",
        "Three",
    ]
