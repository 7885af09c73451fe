from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import threading
import time

import httpx2
import lz4.frame  # type: ignore[import-untyped]
import pytest

from tests.embedded_store import EmbeddedStore
from tests.running import wait_for


def sql(client: httpx2.Client, text: str | bytes, **parameters: str) -> httpx2.Response:
    return client.post("/", params=parameters, content=text)


@pytest.mark.parametrize("path", ["/ping", "/", "/replicas_status"])
def test_a_store_that_is_up_says_ok_to_anyone(nobody_http: httpx2.Client, path: str) -> None:
    answer = nobody_http.get(path)
    assert (answer.status_code, answer.text) == (200, "Ok.\n")


def test_other_paths_do_not_exist(http: httpx2.Client) -> None:
    assert http.get("/play").status_code == 404


def test_the_user_is_named_in_one_of_three_ways(
    nobody_http: httpx2.Client, store: EmbeddedStore
) -> None:
    password = store.passwords.analyst
    ways: list[dict[str, dict[str, str]]] = [
        {"params": {"user": "analyst", "password": password}},
        {"headers": {"X-ClickHouse-User": "analyst", "X-ClickHouse-Key": password}},
    ]
    texts = [nobody_http.post("/", content="SELECT 1", **way).text for way in ways]  # type: ignore[arg-type]
    texts.append(nobody_http.post("/", content="SELECT 1", auth=("analyst", password)).text)
    assert texts == ["1\n"] * 3


@pytest.mark.parametrize(
    "auth", [("", ""), ("default", ""), ("analyst", "x"), ("freehold", ""), ("Analyst", "é")]
)
def test_a_stranger_is_refused_with_516_and_told_which_users_exist(
    nobody_http: httpx2.Client, auth: tuple[str, str]
) -> None:
    answer = nobody_http.post("/", content="SELECT 1", auth=auth)
    assert answer.status_code == 403
    assert answer.headers["X-ClickHouse-Exception-Code"] == "516"
    assert answer.text.startswith(f"Code: 516. DB::Exception: {auth[0] or 'default'}: ")
    assert "`freehold` and `analyst`" in answer.text
    assert "(AUTHENTICATION_FAILED)" in answer.text


def test_a_bearer_token_is_refused(nobody_http: httpx2.Client) -> None:
    answer = nobody_http.post("/", content="SELECT 1", headers={"Authorization": "Bearer x"})
    assert answer.headers["X-ClickHouse-Exception-Code"] == "516"


def test_the_query_is_the_body_the_url_or_both(http: httpx2.Client) -> None:
    assert sql(http, "SELECT 1").text == "1\n"
    assert http.get("/", params={"query": "SELECT 1"}).text == "1\n"
    assert sql(http, " + 1", query="SELECT 1").text == "2\n"


def test_what_an_answer_says_about_itself(http: httpx2.Client, table: str) -> None:
    sql(http, f"INSERT INTO {table} VALUES (1, 'x'), (2, 'y')")
    answer = sql(http, f"SELECT * FROM {table} FORMAT JSONEachRow", query_id="my-id")
    summary = json.loads(answer.headers["X-ClickHouse-Summary"])
    assert answer.headers["Content-Type"] == "application/x-ndjson; charset=UTF-8"
    assert answer.headers["X-ClickHouse-Format"] == "JSONEachRow"
    assert answer.headers["X-ClickHouse-Query-Id"] == "my-id"
    assert answer.headers["X-ClickHouse-Timezone"]
    assert answer.headers["X-ClickHouse-Server-Display-Name"]
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert (summary["read_rows"], summary["written_rows"]) == ("2", "0")


@pytest.mark.parametrize(
    ("query", "parameters", "expected"),
    [
        ("SELECT 1 AS a FORMAT JSONEachRow", {}, '{"a":1}\n'),
        ("SELECT 1 AS a format CSVWithNames;", {}, '"a"\n1\n'),
        ("SELECT 1 AS a FORMAT CSV SETTINGS max_threads = 1", {}, "1\n"),
        ("SELECT 1 AS a SETTINGS max_threads = 1 FORMAT CSV -- end", {}, "1\n"),
        ("SELECT 1 AS a", {"default_format": "JSONEachRow"}, '{"a":1}\n'),
        ("SELECT 1 AS a WHERE 0", {"default_format": "CSVWithNames"}, '"a"\n'),
        ("SELECT 'FORMAT CSV' AS a", {}, "FORMAT CSV\n"),
        ("SELECT 1 AS format", {}, "1\n"),
        ("(SELECT 1) UNION ALL (SELECT 1) FORMAT CSV", {}, "1\n1\n"),
        ("WITH 1 AS x SELECT x ; -- FORMAT CSV", {}, "1\n"),
        ("FROM numbers(1) SELECT number", {}, "0\n"),
        ("EXISTS TABLE nope FORMAT CSV", {}, "0\n"),
        ("SELECT {a:Array(String)}", {"param_a": "['x','y\\'']"}, "['x','y\\'']\n"),
        ("SELECT {a:String}", {"param_a": "it's\\ta \\\\ b"}, "it\\'s\\ta \\\\ b\n"),
        ("SELECT number FROM {t:Identifier}(2)", {"param_t": "numbers"}, None),
        ("SELECT sum(number) FROM numbers({n:UInt8})", {"param_n": "4"}, "6\n"),
        ("SELECT 1 AS a", {"default_format": "Null"}, ""),
    ],
)
def test_formats_and_parameters(
    http: httpx2.Client, query: str, parameters: dict[str, str], expected: str | None
) -> None:
    answer = sql(http, query, **parameters)
    assert answer.text == expected if expected is not None else answer.status_code == 400


def test_a_setting_in_the_url_is_for_its_query(http: httpx2.Client) -> None:
    query = "SELECT getSetting('max_block_size')"
    assert sql(http, query, max_block_size="123").text == "123\n"
    assert sql(http, query).text == "65409\n"


@pytest.mark.parametrize(
    ("query", "parameters", "status", "code"),
    [
        ("SELECT * FROM nope", {}, 404, "60"),
        ("SELECT nope", {}, 404, "47"),
        ("SELECT nope()", {}, 404, "46"),
        ("SELEC 1", {}, 400, "62"),
        ("", {}, 400, "62"),
        ("SELECT 1", {"nope": "1"}, 404, "115"),
        ("SELECT 1", {"max_threads": "x"}, 400, None),
        ("SELECT 1", {"database": "nope"}, 404, "81"),
        ("SELECT 1 FORMAT Nope", {}, 404, "73"),
        ("SELECT throwIf(1)", {}, 500, "395"),
        ("SELECT {x:UInt8}", {}, 500, "456"),
        ("SELECT 1; SELECT 2", {}, 400, "62"),
        ("SELECT 1 FORMAT Native", {"client_protocol_version": "54460"}, 501, "48"),
        ("SELECT 1", {"session_id": "x", "session_timeout": "9999"}, 500, "374"),
        ("INSERT INTO nope VALUES (1)", {}, 404, "60"),
        ("SYSTEM SHUTDOWN", {}, 403, "497"),
        ("SELECT count() FROM numbers(1e13)", {"max_execution_time": "0.2"}, 408, "159"),
    ],
)
def test_errors_have_clickhouses_number_and_status(
    http: httpx2.Client, query: str, parameters: dict[str, str], status: int, code: str | None
) -> None:
    answer = sql(http, query, **parameters)
    found = answer.headers["X-ClickHouse-Exception-Code"]
    assert (answer.status_code, found) == (status, code or found)
    assert answer.text.startswith(f"Code: {found}. DB::Exception: ")


def test_a_syntax_error_is_located_in_the_clients_own_text(http: httpx2.Client) -> None:
    assert "failed at position 7 (1): 1." in sql(http, "SELEC 1").text
    assert "(line 2, col 2)" in sql(http, "SELECT\n,").text


def test_get_reads_and_does_not_write(http: httpx2.Client, table: str) -> None:
    answer = http.get("/", params={"query": f"DROP TABLE {table}"})
    assert answer.headers["X-ClickHouse-Exception-Code"] == "164"
    assert "You should use method POST" in answer.text
    assert sql(http, f"EXISTS {table}").text == "1\n"


def test_head_has_the_headers_of_get(http: httpx2.Client) -> None:
    answer = http.head("/", params={"query": "SELECT 1"})
    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, "2", b"")


@pytest.mark.parametrize("encoding", ["lz4", "zstd", "gzip", "deflate"])
def test_results_are_compressed_when_asked(http: httpx2.Client, encoding: str) -> None:
    parameters = {"enable_http_compression": "1", "query": "SELECT number FROM numbers(500000)"}
    with http.stream(
        "POST", "/", params=parameters, headers={"Accept-Encoding": encoding}
    ) as answer:
        raw = b"".join(answer.iter_raw())
        assert answer.headers["Content-Encoding"] == encoding
    assert 0 < len(raw) < 2_500_000
    if encoding == "lz4":
        assert lz4.frame.decompress(raw).endswith(b"\n499999\n")


def test_results_are_plain_when_compression_is_not_switched_on(http: httpx2.Client) -> None:
    assert "Content-Encoding" not in sql(http, "SELECT 1").headers


def test_a_compressed_body_may_hold_the_query_too(http: httpx2.Client, table: str) -> None:
    body = gzip.compress(f"INSERT INTO {table} FORMAT JSONEachRow\n".encode() + b'{"a":7,"s":"z"}')
    assert http.post("/", content=body, headers={"Content-Encoding": "gzip"}).status_code == 200
    assert sql(http, f"SELECT * FROM {table}").text == "7\tz\n"


@pytest.mark.parametrize(
    ("encoding", "body", "code"),
    [
        ("gzip", b"no gzip", "271"),
        ("lz4", lz4.frame.compress(b"x" * 99)[:-9], "271"),
        ("br", b"x", "48"),
    ],
)
def test_a_body_that_cannot_be_decoded_is_refused(
    http: httpx2.Client, table: str, encoding: str, body: bytes, code: str
) -> None:
    answer = http.post(
        "/",
        params={"query": f"INSERT INTO {table} FORMAT CSV"},
        content=body,
        headers={"Content-Encoding": encoding},
    )
    assert answer.headers["X-ClickHouse-Exception-Code"] == code
    assert sql(http, f"SELECT count() FROM {table}").text == "0\n"


def test_a_statement_without_end_is_refused_with_413(http: httpx2.Client) -> None:
    answer = sql(http, b"SELECT '" + b"x" * (17 << 20))
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (413, "305")


def test_a_form_carries_long_parameters(http: httpx2.Client) -> None:
    fields = {"query": (None, "SELECT length({x:String})"), "param_x": (None, "y" * 100_000)}
    assert http.post("/", files=fields).text == "100000\n"


def test_external_tables_are_refused_clearly(http: httpx2.Client) -> None:
    answer = http.post("/", params={"query": "SELECT 1"}, files={"ext": ("ext", b"1\n")})
    assert answer.status_code == 501
    assert "External data" in answer.text


def test_a_cut_result_cannot_be_taken_for_a_whole_one(http: httpx2.Client) -> None:
    query = "SELECT number, throwIf(number = 3000000) FROM numbers(4000000) FORMAT CSV"
    got: list[bytes] = []
    with http.stream("POST", "/", content=query) as answer:
        assert answer.status_code == 200
        with pytest.raises(httpx2.RemoteProtocolError):
            _collect(answer, got)
    tag = answer.headers["X-ClickHouse-Exception-Tag"].encode()
    assert (
        b"\r\n__exception__\r\n" + tag + b"\r\nCode: 395. DB::Exception: " in b"".join(got)[-2000:]
    )


def _collect(answer: httpx2.Response, got: list[bytes]) -> None:
    for chunk in answer.iter_bytes():
        got.append(chunk)


def test_a_client_that_waits_for_the_end_gets_the_error_instead(http: httpx2.Client) -> None:
    query = "SELECT number, throwIf(number = 3000000) FROM numbers(4000000) FORMAT CSV"
    answer = sql(http, query, wait_end_of_query="1")
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (500, "395")


def test_a_client_that_waits_for_the_end_gets_all_of_a_large_result(http: httpx2.Client) -> None:
    answer = sql(http, "SELECT number FROM numbers(2000000)", wait_end_of_query="1")
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert json.loads(answer.headers["X-ClickHouse-Summary"])["result_bytes"] == str(
        len(answer.content)
    )


def test_a_client_that_goes_away_stops_its_query(store: EmbeddedStore, http: httpx2.Client) -> None:
    auth = ("freehold", store.passwords.freehold)
    query = "SELECT sleepEachRow(1) FROM numbers(600) SETTINGS max_block_size = 1 FORMAT Null"
    with pytest.raises(httpx2.ReadTimeout), httpx2.Client(base_url=store.url, auth=auth) as hasty:
        hasty.post("/", params={"query_id": "abandoned"}, content=query, timeout=0.5)
    running = "SELECT count() FROM system.processes WHERE Settings['log_comment'] = 'abandoned'"
    deadline = time.monotonic() + 10
    while sql(http, running).text != "0\n":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_query_id_is_used_by_one_query_at_a_time(http: httpx2.Client) -> None:
    query = "SELECT sleepEachRow(0.1) FROM numbers(30) SETTINGS max_block_size = 1"
    first = threading.Thread(target=sql, args=(http, query), kwargs={"query_id": "twice"})
    first.start()
    running = "SELECT count() FROM system.processes WHERE query_id = 'twice'"
    wait_for(lambda: sql(http, running).text == "1\n", "the first one")
    answer = sql(http, "SELECT 1", query_id="twice")
    first.join()
    assert answer.headers["X-ClickHouse-Exception-Code"] == "216"
    assert sql(http, "SELECT 1", query_id="twice").text == "1\n"


@pytest.mark.parametrize(
    "kill",
    [
        "KILL QUERY WHERE query_id = 'doomed' SYNC",
        "KILL QUERY WHERE Settings['log_comment'] = 'doomed' SYNC",
    ],
)
def test_a_running_query_is_killed_by_its_http_query_id(http: httpx2.Client, kill: str) -> None:
    answers = []
    query = "SELECT sleepEachRow(1) FROM numbers(60) SETTINGS max_block_size = 1 FORMAT Null"
    doomed = threading.Thread(target=lambda: answers.append(sql(http, query, query_id="doomed")))
    doomed.start()
    seen = "SELECT count() FROM system.processes WHERE query_id = 'doomed'"
    deadline = time.monotonic() + 10
    while sql(http, seen).text != "1\n":
        assert time.monotonic() < deadline
    assert "doomed" not in sql(http, kill).text.split("\t")[1]
    doomed.join(10)
    assert answers[0].headers["X-ClickHouse-Exception-Code"] == "394"


def test_reading_a_result_slowly_holds_no_memory(store: EmbeddedStore, http: httpx2.Client) -> None:
    """400 MB of JSON; the store grows by less than 150 MB."""
    assert store.process is not None
    before = _rss(store.process.pid)
    peak, size = 0, 0
    query = "SELECT number, toString(number) AS s FROM numbers(8000000) FORMAT JSON"
    with http.stream("POST", "/", content=query) as answer:
        for chunk in answer.iter_raw(4 << 20):
            size += len(chunk)
            peak = max(peak, _rss(store.process.pid))
    assert size > 350 << 20
    assert peak - before < 150 << 20


def _rss(pid: int) -> int:
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * 4096


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_curl_reads_and_writes(store: EmbeddedStore, table: str) -> None:
    def curl(*arguments: str, data: bytes = b"") -> str:
        user = f"freehold:{store.passwords.freehold}"
        command = ["curl", "-sS", "-u", user, *arguments]
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()

    url = f"{store.url}/?query=INSERT%20INTO%20{table}%20FORMAT%20CSV"
    assert curl("--data-binary", "@-", url, data=b"1,x\n2,y\n") == ""
    assert curl(store.url, "--data-binary", f"SELECT * FROM {table} FORMAT CSV") == '1,"x"\n2,"y"\n'
    assert curl(store.url, "-d", "SELECT 1") == "1\n"
