from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import click
import pytest
from click.testing import CliRunner, Result

from server.cli import main
from server.cli.configuration import WAITING
from server.clock import now_ms
from server.destinations import DESTINATIONS
from server.identity import load_keys
from server.resources import resource
from server.settings import KNOBS
from server.store.client import Connection
from server.store.insert import insert
from server.store.publications import find_draft
from server.store.rows import encode_row, split_row
from server.studio.preview import PURPOSE, read_preview
from tests.samples import event


@pytest.fixture
def containers(tmp_path: Path) -> Path:
    folder = tmp_path / "containers"
    folder.mkdir()
    (folder / "shop.yaml").write_text("id: shop\nsites: [https://shop.example]\n")
    return folder


def run(containers: Path, *arguments: str, **environ: str) -> Result:
    env = {"FREEHOLD_CONTAINERS": str(containers), "FREEHOLD_DATA": str(containers / "data")}
    return CliRunner().invoke(main, list(arguments), env={**env, **environ})


def test_help_lists_every_command_with_a_sentence(containers: Path) -> None:
    text = " ".join(run(containers, "--help").output.split())
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        assert command.help
        words = re.split(r"(?<=\.)\s", " ".join(command.help.split()))[0].removesuffix(".")
        assert f"{name} {words}" in text


def test_check_says_that_all_is_well(containers: Path) -> None:
    result = run(containers, "check")
    assert result.exit_code == 0
    assert "container shop: https://shop.example" in result.output


WITH_SECRET = """
id: shop
sites: [https://shop.example]
tags:
  orders:
    type: webhook
    fires_on: [all_pages]
    with: {url: https://erp.example/orders, secret: $secret.ORDERS}
"""


def test_check_says_which_tags_wait_for_their_secrets_with_a_code_of_its_own(
    containers: Path,
) -> None:
    (containers / "shop.yaml").write_text(WITH_SECRET)
    result = run(containers, "check")
    assert result.exit_code == 2
    assert WAITING in result.output
    assert "the secret ORDERS is missing: set FREEHOLD_SECRET_ORDERS" in result.output
    assert "cannot start" not in result.output
    result = run(containers, "check", FREEHOLD_SECRET_ORDERS="x")
    assert (result.exit_code, WAITING in result.output) == (0, False)


def test_check_calls_a_wrong_setting_wrong_though_a_secret_is_missing_too(
    containers: Path,
) -> None:
    (containers / "shop.yaml").write_text(WITH_SECRET)
    result = run(containers, "check", FREEHOLD_WORKERS="many")
    assert result.exit_code == 1
    assert "Freehold cannot start as it is configured" in result.output


@pytest.mark.parametrize(
    "origin",
    ["t.example.com", "//t.example.com", "https:t.example.com", "ftp://t.example.com", "https://",
     "", "localhost:8000", "https://t.example.com?x=1", "https://t.example.com#x", "https://:8"],
)  # fmt: skip
def test_a_snippet_for_no_place_is_refused(containers: Path, origin: str) -> None:
    result = run(containers, "container", "snippet", "shop", "--origin", origin)
    assert result.exit_code == 2
    assert "write https:// or http://" in result.output
    assert "<script>" not in result.output


def test_the_refusal_of_an_origin_names_the_right_form(containers: Path) -> None:
    result = run(containers, "container", "snippet", "shop", "--origin", "t.example.com/fh")
    assert "https://t.example.com/fh" in " ".join(result.output.split())


@pytest.mark.parametrize(
    "origin",
    [
        "https://t.example.com",
        "https://shop.example/fh/",
        "http://127.0.0.1:8000",
        "http://[::1]:8",
    ],
)
def test_a_snippet_loads_the_tag_from_the_origin(containers: Path, origin: str) -> None:
    result = run(containers, "container", "snippet", "shop", "--origin", origin)
    assert result.exit_code == 0
    assert f'"{origin.rstrip("/")}/shop/tag.js"' in result.output


def test_a_snippet_without_an_origin_is_for_where_the_collector_listens(containers: Path) -> None:
    result = run(containers, "container", "snippet", "shop", FREEHOLD_LISTEN="127.0.0.1:8400")
    assert '"http://127.0.0.1:8400/shop/tag.js"' in result.output


def test_check_tells_every_problem_without_a_traceback(containers: Path) -> None:
    result = run(containers, "check", FREEHOLD_WORKERS="many", FREEHOLD_PORT="1")
    assert result.exit_code == 1
    assert "FREEHOLD_WORKERS='many': expected a number" in result.output
    assert "FREEHOLD_PORT: no such setting" in result.output
    assert "Traceback" not in result.output


def test_container_check_names_file_line_and_word(containers: Path) -> None:
    path = containers / "shop.yaml"
    path.write_text("id: shop\nsites: [https://shop.example]\ntimezon: UTC\n")
    result = run(containers, "container", "check")
    assert result.exit_code == 1
    assert f"{path}:3:1: timezon: no such key; did you mean timezone?" in result.output
    assert run(containers, "container", "check", str(containers / "none.yaml")).exit_code == 1


def test_container_check_warns_and_strict_takes_warnings_for_errors(containers: Path) -> None:
    path = containers / "shop.yaml"
    text = "id: shop\nsites: [https://shop.example]\nvariables:\n  lost: {type: environment}\n"
    path.write_text(text + "triggers:\n  once: {limit: {per: page}}\n")
    result = run(containers, "container", "check")
    assert result.exit_code == 0
    assert f"{path}:4:3: variables.lost: is used nowhere (warning)" in result.output
    assert f"{path}:6:10: triggers.once.limit: counts what this node saw" in result.output
    assert f"{path}: well, container 'shop', 2 warnings" in result.output
    assert run(containers, "container", "check", "--strict").exit_code == 1
    path.write_text("id: shop\nsites: [https://shop.example]\n")
    assert run(containers, "container", "check", "--strict").exit_code == 0
    result = run(containers, "container", "check", str(containers))
    assert (result.exit_code, result.output) == (0, f"{path}: well, container 'shop'\n")


def test_container_check_warns_of_links_that_no_other_container_answers(containers: Path) -> None:
    path = containers / "cups.yaml"
    text = "id: cups\nsites: [https://cups.example]\nlinks:\n  domains: [rugs.example]\n"
    path.write_text(text)
    result = run(containers, "container", "check", str(path))
    assert f"{path}:4:13: links.domains[0]: no container with `links`" in result.output
    (containers / "rugs.yaml").write_text(
        "id: rugs\nsites: [https://rugs.example]\nlinks: {domains: [cups.example]}\n"
    )
    result = run(containers, "container", "check", "--strict", str(path))
    assert (result.exit_code, result.output) == (0, f"{path}: well, container 'cups'\n")


def test_schema_and_reference_are_printed_as_they_are_in_the_folder(containers: Path) -> None:
    schema = run(containers, "container", "schema").output
    assert schema == resource("tag_configs", "schema.json").read_text(encoding="utf-8")
    page = run(containers, "container", "reference").output
    assert page == resource("tag_configs", "README.md").read_text(encoding="utf-8")


def test_settings_shows_every_knob(containers: Path) -> None:
    text = run(containers, "settings").output
    assert all(knob.variable in text and knob.help in text for knob in KNOBS)


def test_up_does_not_start_on_a_broken_container(containers: Path) -> None:
    (containers / "shop.yaml").write_text("id: [")
    result = run(containers, "up")
    assert result.exit_code == 1
    assert "shop.yaml:1:6" in result.output


def test_a_query_without_clickhouse_says_that_it_does_not_answer(containers: Path) -> None:
    result = run(containers, "query", "SELECT 1", FREEHOLD_CLICKHOUSE_LISTEN="127.0.0.1:9")
    assert result.exit_code == 1
    assert result.output == (
        "Error: ClickHouse at http://analyst@127.0.0.1:9 does not answer: connection refused\n"
        "Is Freehold running here? `freehold up` starts its ClickHouse.\n"
    )


def test_what_is_not_published_yet_is_told_without_a_clickhouse(containers: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    for words in (("publish", "shop"), ("history", "shop"), ("rollback", "shop", "1")):
        result = run(containers, "container", *words, FREEHOLD_CLICKHOUSE=nowhere)
        assert result.exit_code == 1
        assert "ClickHouse at http://default@127.0.0.1:9 does not answer" in result.output


def test_an_empty_file_publishes_no_draft_and_ends_none(
    containers: Path, connection: Connection
) -> None:
    endpoint = connection.endpoint
    url = f"http://{endpoint.user}:{endpoint.password}@{endpoint.host}:{endpoint.port}"
    empty = containers.parent / "empty.yaml"
    empty.touch()
    assert run(containers, "container", "draft", "shop", FREEHOLD_CLICKHOUSE=url).exit_code == 0
    for word in ("publish", "draft", "preview"):
        words = ("container", word, "shop", "--file", str(empty))
        result = run(containers, *words, FREEHOLD_CLICKHOUSE=url)
        assert (result.exit_code, "empty.yaml: is empty" in result.output) == (1, True), word
    shown = run(containers, "container", "draft", "shop", "--show", FREEHOLD_CLICKHOUSE=url)
    assert shown.output == (containers / "shop.yaml").read_text()


def test_a_container_that_has_no_file_is_told_before_clickhouse_is_asked(containers: Path) -> None:
    result = run(containers, "container", "publish", "blog")
    assert result.exit_code == 1
    assert "no file here has the id 'blog'; name it with --file" in result.output
    (containers / "blog.yaml").write_text("id: blog\nsites: 5\n  x")
    result = run(containers, "container", "publish", "blog")
    assert "blog.yaml:" in result.output


def test_a_preview_is_a_link_that_the_collector_believes(
    containers: Path, connection: Connection
) -> None:
    endpoint = connection.endpoint
    url = f"http://{endpoint.user}:{endpoint.password}@{endpoint.host}:{endpoint.port}"
    words = ("container", "preview", "shop", "--author", "ann")
    origin = ("--origin", "https://t.shop.example/fh")
    result = run(containers, *words, *origin, FREEHOLD_CLICKHOUSE=url)
    assert result.exit_code == 0, result.output
    [link] = re.findall(r"https://t\.shop\.example/fh/shop/preview\?\S+", result.output)
    [token], [to] = parse_qs(urlsplit(link).query).values()
    assert to == "https://shop.example/"
    signer = load_keys(containers / "data" / "keys" / "cookie").signer("shop", PURPOSE)
    made = read_preview(token, signer=signer, now=now_ms())
    assert made is not None
    assert (made.base, made.mode) == (0, "look")
    saved = find_draft(connection, "shop")
    assert saved is not None
    assert saved.source == (containers / "shop.yaml").read_text()
    result = run(containers, *words, "--url", "https://evil.example/", FREEHOLD_CLICKHOUSE=url)
    assert result.exit_code == 2
    assert "is not on one of the sites: https://shop.example" in " ".join(result.output.split())
    result = run(containers, "container", "trace", "shop", "--once", FREEHOLD_CLICKHOUSE=url)
    assert (result.exit_code, result.output) == (0, "")


def test_a_container_is_published_compared_and_rolled_back(
    containers: Path, connection: Connection
) -> None:
    endpoint = connection.endpoint
    url = f"http://{endpoint.user}:{endpoint.password}@{endpoint.host}:{endpoint.port}"

    def container(*words: str) -> str:
        result = run(containers, "container", *words, FREEHOLD_CLICKHOUSE=url)
        assert result.exit_code == 0, result.output
        return result.output

    file = containers / "shop.yaml"
    assert "never published" in container("history", "shop")
    words = ("--author", "ann", "--note", "begins")
    assert "shop version 1 is published to live" in container("publish", "shop", *words)
    file.write_text(file.read_text() + "currency: USD\n")
    assert container("diff", "shop", "1", "file") == "currency: EUR → USD\n"
    container("draft", "shop", "--author", "bo")
    assert container("draft", "shop", "--show") == file.read_text()
    assert container("diff", "shop", "draft", "0") == "They are the same.\n"
    container("publish", "shop", "--draft", "--env", "staging", "--author", "bo")
    assert container("diff", "shop", "1", "2") == "currency: EUR → USD\n"
    container("publish", "shop", "--author", "bo", "--after", "2")
    assert "version 4 is published" in container("rollback", "shop", "1", "--author", "ann")
    lines = [line.split(maxsplit=4) for line in container("history", "shop").splitlines()]
    assert [(line[0], line[4]) for line in lines] == [
        ("4", "ann  runs in live  back to version 1"),
        ("3", "bo  was in live"),
        ("2", "bo  runs in staging"),
        ("1", "ann  was in live  begins"),
    ]
    assert "has no draft any more" in container("draft", "shop", "--drop")


def test_a_container_of_gtm_comes_over_and_is_not_written_over(
    containers: Path, tmp_path: Path
) -> None:
    export = str(Path(__file__).parent / "containers/gtm/web.json")
    out, report = tmp_path / "cups.yaml", tmp_path / "cups.md"
    wish = ("--id", "cups", "--site", "https://cups.example")
    files = ("--out", str(out), "--report", str(report))
    result = run(containers, "container", "import-gtm", export, *wish, *files)
    assert result.exit_code == 0
    assert "Custom HTML" not in result.output
    assert "approximated" in result.output
    assert run(containers, "container", "check", str(out)).exit_code == 0
    assert report.read_text().startswith("# Import of web.json")
    assert run(containers, "container", "import-gtm", export, *wish, *files).exit_code == 0
    out.write_text("id: cups # mine\n")
    again = run(containers, "container", "import-gtm", export, *wish, *files)
    assert again.exit_code == 1
    assert "is there and is another" in again.output


def test_what_is_no_export_of_gtm_is_told_without_a_traceback(
    containers: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text('{"exportFormatVersion": 1}')
    result = run(containers, "container", "import-gtm", str(bad))
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "bad.json: exportFormatVersion: expected 2" in result.output
    missing = run(containers, "container", "import-gtm", str(tmp_path / "none.json"))
    assert missing.exit_code == 1
    assert "No such file" in missing.output


LIMITED = """
id: shop
sites: [https://shop.example]
tags:
  orders:
    type: webhook
    fires_on: [all_events]
    needs_consent: []
    with: {url: "https://erp.example/", secret: $secret.ERP, body: {name: "{{ event.name }}"}}
"""


def test_a_draft_is_simulated_over_stored_events_and_can_fail_a_build(
    containers: Path, connection: Connection
) -> None:
    endpoint = connection.endpoint
    url = f"http://{endpoint.user}:{endpoint.password}@{endpoint.host}:{endpoint.port}"
    (containers / "shop.yaml").write_text(LIMITED)
    draft = containers / "draft.txt"
    draft.write_text(LIMITED.replace("[all_events]", "[all_pages]"))
    rows = [event(n, container_id="shop", name=("page_view", "scroll")[n % 2]) for n in range(6)]
    insert(connection, "events", [split_row(encode_row(row))[1] for row in rows], token="t")
    words = ("container", "simulate", "shop", "--file", str(draft), "--since", "3d")
    result = run(containers, *words, FREEHOLD_CLICKHOUSE=url)
    assert result.exit_code == 0, result.output
    assert "deliveries     6 → 3  (+0 -3)" in result.output
    assert "It makes a difference for 1 visitors." in result.output
    failed = run(containers, *words, "--fail-if", "deliveries<-5%", FREEHOLD_CLICKHOUSE=url)
    assert (failed.exit_code, "It fails: deliveries<-5%" in failed.output) == (3, True)
    wrong = run(containers, *words, "--fail-if", "much>1", FREEHOLD_CLICKHOUSE=url)
    assert wrong.exit_code == 1
    told = run(containers, *words, "--json", "--sample", "1", FREEHOLD_CLICKHOUSE=url)
    tree = json.loads(told.stdout)
    assert tree["tags"]["orders"]["less"] == 3
    tries = ("container", "try", "shop", "--event")
    stored = run(containers, *tries, rows[0].event_id, FREEHOLD_CLICKHOUSE=url)
    assert "orders (webhook): would be sent" in stored.output
    assert "webhook-signature: (made with the secret when it is sent)" in stored.output
    (containers / "event.json").write_text('{"name": "purchase"}')
    given = run(containers, *tries, str(containers / "event.json"), FREEHOLD_CLICKHOUSE=url)
    assert '{"name":"purchase"}' in given.output
    missing = run(containers, *tries, event(99).event_id, FREEHOLD_CLICKHOUSE=url)
    assert (missing.exit_code, "no event" in missing.output) == (1, True)


def test_destinations_are_told_one_by_one(tmp_path: Path) -> None:
    listed = run(tmp_path, "container", "destinations").output.splitlines()
    assert [line.partition(" ")[0] for line in listed[:-2]] == list(DESTINATIONS)
    assert "ga4                  Google Analytics 4" in listed
    told = run(tmp_path, "container", "destinations", "ga4", "--markdown", "page")
    assert told.output.startswith("## `ga4`: Google Analytics 4\n")
    unknown = run(tmp_path, "container", "destinations", "pigeon")
    assert (unknown.exit_code, "no destination 'pigeon'; there are" in unknown.output) == (1, True)
