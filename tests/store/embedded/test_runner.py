from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import httpx2
import pytest

from tests.embedded_store import EmbeddedStore


def client_of(store: EmbeddedStore, user: str = "freehold") -> httpx2.Client:
    auth = (user, getattr(store.passwords, user))
    return httpx2.Client(base_url=store.url, auth=auth, timeout=60)


def test_many_read_while_inserts_stream(
    store: EmbeddedStore, http: httpx2.Client, table: str
) -> None:
    """Eight threads read, each its own; three uploads of 200 000 rows run through."""
    done = threading.Event()
    seen: list[int] = []

    def read(user: str) -> None:
        with client_of(store, user) as client:
            while not done.is_set():
                text = client.post("/", content=f"SELECT count(), max(a) FROM {table}").text
                seen.append(int(text.split()[0]))

    def rows(start: int) -> Iterator[bytes]:
        for first in range(start, start + 200_000, 10_000):
            yield "".join(f"{n},x\n" for n in range(first, first + 10_000)).encode()

    def write(start: int) -> None:
        with client_of(store) as client:
            parameters = {"query": f"INSERT INTO {table} FORMAT CSV"}
            client.post("/", params=parameters, content=rows(start)).raise_for_status()

    readers = [threading.Thread(target=read, args=(u,)) for u in ["freehold", "analyst"] * 4]
    writers = [threading.Thread(target=write, args=(n * 200_000,)) for n in range(3)]
    for thread in readers + writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    assert (
        http.post("/", content=f"SELECT count(), uniq(a) FROM {table}").text.split()[0] == "600000"
    )
    assert set(seen) <= {0, 200_000, 400_000, 600_000}


def test_analysts_cannot_keep_the_writer_out(store: EmbeddedStore, http: httpx2.Client) -> None:
    query = "SELECT count() FROM numbers(1e12) WHERE NOT ignore(sipHash64(number))"
    with client_of(store, "analyst") as analyst:

        def ask() -> None:
            with pytest.raises(httpx2.ReadTimeout):
                analyst.post("/", content=query, timeout=6)

        greedy = [threading.Thread(target=ask) for _ in range(12)]
        for thread in greedy:
            thread.start()
        time.sleep(0.5)
        begun = time.monotonic()
        assert http.post("/", content="SELECT 1").text == "1\n"
        assert time.monotonic() - begun < 5
        for thread in greedy:
            thread.join()


def test_an_upload_that_is_broken_off_inserts_nothing(
    store: EmbeddedStore, http: httpx2.Client, table: str
) -> None:
    with socket.create_connection(("127.0.0.1", store.port)) as sock:
        sock.sendall(
            f"POST /?query=INSERT+INTO+{table}+FORMAT+CSV&query_id=broken HTTP/1.1\r\nHost: x\r\n"
            f"X-ClickHouse-User: freehold\r\nX-ClickHouse-Key: {store.passwords.freehold}\r\n"
            "Content-Length: 99999\r\n\r\n1,x\n2,y\n".encode()
        )
        time.sleep(0.3)
    deadline = time.monotonic() + 10
    running = "SELECT count() FROM system.processes WHERE query_id = 'broken'"
    while http.post("/", content=running).text != "0\n":
        assert time.monotonic() < deadline
    assert http.post("/", content=f"SELECT count() FROM {table}").text == "0\n"


def test_a_refused_upload_is_read_to_its_end_and_told_why(http: httpx2.Client) -> None:
    parameters = {"query": "INSERT INTO nope FORMAT CSV"}
    answer = http.post("/", params=parameters, content=b"1,x\n" * (4 << 20))
    assert answer.headers["X-ClickHouse-Exception-Code"] == "60"


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"1,x\nnot a number,y\n", "27"), (b"1\n", "27")],
)
def test_data_that_do_not_fit_insert_nothing(
    http: httpx2.Client, table: str, data: bytes, code: str
) -> None:
    answer = http.post("/", params={"query": f"INSERT INTO {table} FORMAT CSV"}, content=data)
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (400, code)
    assert http.post("/", content=f"SELECT count() FROM {table}").text == "0\n"


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        ("INSERT INTO {t} VALUES (1, 'x'), (1 + 1, concat('y', 'z'));", 2),
        ("INSERT INTO {t} SELECT number, 'x' FROM numbers(5)", 5),
        ("WITH 3 AS n INSERT INTO {t} SELECT number, 'x' FROM numbers(n)", 3),
        ("INSERT INTO {t} (a) SETTINGS async_insert = 1, wait_for_async_insert = 1 VALUES (9)", 1),
        ('INSERT INTO {t} FORMAT JSONEachRow {{"a": 1}} {{"a": 2}}', 2),
        ("INSERT INTO TABLE freehold.{t} (s, a) FORMAT CSV\nx,1\ny,2\n", 2),
        ("INSERT INTO {t} FORMAT CSV\n", 0),
        ("INSERT INTO {{name:Identifier}} VALUES (1, 'x')", 1),
    ],
)
def test_every_form_of_insert(http: httpx2.Client, table: str, statement: str, rows: int) -> None:
    answer = http.post("/", params={"param_name": table}, content=statement.format(t=table))
    assert (answer.status_code, answer.text) == (200, "")
    assert http.post("/", content=f"SELECT count() FROM {table}").text == f"{rows}\n"


def test_a_batch_that_is_sent_again_under_its_token_is_ignored(
    http: httpx2.Client, table: str
) -> None:
    for token in ("a", "a", "b"):
        parameters = {
            "query": f"INSERT INTO {table} FORMAT CSV",
            "insert_deduplication_token": token,
        }
        http.post("/", params=parameters, content=b"1,x\n").raise_for_status()
    assert http.post("/", content=f"SELECT count() FROM {table}").text == "2\n"


def test_a_statement_without_rows_still_has_a_format(http: httpx2.Client) -> None:
    answer = http.post("/", content="SHOW TABLES LIKE 'no such table'")
    assert (answer.text, answer.headers["X-ClickHouse-Format"]) == ("", "TabSeparated")


def test_a_kill_ends_what_waits_for_data_and_what_waits_for_a_place(
    store: EmbeddedStore, http: httpx2.Client
) -> None:
    """Uploads hold all twelve places, the thirteenth waits. KILL has no need to wait."""
    http.post("/", content="CREATE TABLE held (a UInt8) ENGINE = Memory").raise_for_status()
    uploads = [_upload(store, f"held {number}") for number in range(13)]
    time.sleep(1)
    for number in (12, 0, 1, 2):
        answer = http.post("/", content=f"KILL QUERY WHERE query_id = 'held {number}' SYNC")
        assert answer.status_code == 200
    for number in (12, 0, 1, 2):
        assert b"Code: 394." in uploads[number].recv(4096)
    for sock in uploads:
        sock.close()
    assert http.post("/", content="SELECT count() FROM held").text == "0\n"


def _upload(store: EmbeddedStore, query_id: str) -> socket.socket:
    """Sends a row of an INSERT, and keeps the rest to itself."""
    sock = socket.create_connection(("127.0.0.1", store.port), timeout=10)
    parameters = {"query": "INSERT INTO held FORMAT CSV", "query_id": query_id}
    sock.sendall(
        f"POST {httpx2.URL('/', params=parameters)} HTTP/1.1\r\nHost: x\r\n"
        f"X-ClickHouse-User: freehold\r\nX-ClickHouse-Key: {store.passwords.freehold}\r\n"
        "Content-Length: 999\r\n\r\n1\n".encode()
    )
    return sock
