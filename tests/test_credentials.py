from __future__ import annotations

from pathlib import Path

import pytest

from server.credentials import SecretMissing, Secrets, missing_secrets, scrub


def secrets(folder: Path, **environ: str) -> Secrets:
    return Secrets({f"FREEHOLD_SECRET_{name}": value for name, value in environ.items()}, folder)


def write(folder: Path, name: str, text: str, mode: int = 0o600) -> None:
    path = folder / name
    path.write_text(text)
    path.chmod(mode)


def test_the_environment_wins_over_the_file_and_blanks_around_are_dropped(tmp_path: Path) -> None:
    write(tmp_path, "A", "from-file\n")
    write(tmp_path, "B", "  only-file \n")
    found = secrets(tmp_path, A="from-environment")
    assert (found.get("A"), found.get("B")) == ("from-environment", "only-file")


def test_a_missing_secret_says_what_to_do(tmp_path: Path) -> None:
    expected = "set FREEHOLD_SECRET_TOKEN, or write .*TOKEN"
    with pytest.raises(SecretMissing, match=expected):
        secrets(tmp_path).get("TOKEN")
    with pytest.raises(SecretMissing, match=expected):
        secrets(tmp_path / "none", TOKEN=" ").get("TOKEN")


def test_a_file_that_others_can_read_is_no_secret(tmp_path: Path) -> None:
    write(tmp_path, "A", "open", 0o644)
    with pytest.raises(SecretMissing, match="chmod 600"):
        secrets(tmp_path).get("A")


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "A").write_bytes(b"\xff\xfe")
    (tmp_path / "A").chmod(0o600)
    with pytest.raises(SecretMissing, match="cannot be read"):
        secrets(tmp_path).get("A")


def test_a_variable_that_is_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(SecretMissing, match="is no text"):
        secrets(tmp_path, A="caf\udce9").get("A")


def test_references_are_resolved_wherever_they_stand_and_noted(tmp_path: Path) -> None:
    used: dict[str, str] = {}
    rest = ["x $secret.A", "$secret./etc/passwd", "$secret.A\n", 5, None]
    tree = {"a": "$secret.A", "b": [{"c": "$secret.B"}, *rest]}
    found = secrets(tmp_path, A="one", B="two").resolve(tree, used)
    assert found == {"a": "one", "b": [{"c": "two"}, *rest]}
    assert used == {"A": "one", "B": "two"}


def test_a_changed_secret_counts_at_once(tmp_path: Path) -> None:
    found = secrets(tmp_path)
    write(tmp_path, "A", "old")
    assert found.get("A") == "old"
    write(tmp_path, "A", "new")
    assert found.get("A") == "new"


def test_a_partner_s_echo_shows_no_secret() -> None:
    assert scrub("bad token s3cr3t!", {"TOKEN": "s3cr3t"}) == "bad token $secret.TOKEN!"
    assert scrub("GET /?key=a%2Fb+c", {"KEY": "a/b c"}) == "GET /?key=$secret.KEY"


def test_all_missing_ones_are_told_at_once(tmp_path: Path) -> None:
    needed = {"B": ["shop: tags.b.with.token"], "A": ["shop: tags.a.with.key", "x: y"], "C": ["z"]}
    problems = missing_secrets(secrets(tmp_path, C="there"), needed)
    assert [problem.split(": the secret")[0] for problem in problems] == [
        "shop: tags.a.with.key, x: y",
        "shop: tags.b.with.token",
    ]
