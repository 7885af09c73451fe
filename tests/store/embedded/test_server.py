from __future__ import annotations

import signal
import socket
import threading
import time
from pathlib import Path

import httpx2
import pytest

from tests.embedded_store import EmbeddedStore, free_port
from tests.running import wait_for

TABLE = (
    "CREATE TABLE events (month UInt8, batch UInt32, n UInt32) ENGINE = MergeTree "
    "PARTITION BY month ORDER BY n SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
)


def client_of(store: EmbeddedStore) -> httpx2.Client:
    return httpx2.Client(
        base_url=store.url, auth=("freehold", store.passwords.freehold), timeout=30
    )


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_at_once_and_finds_its_data_again(tmp_path: Path, stop: signal.Signals) -> None:
    store = EmbeddedStore(tmp_path)
    with store, client_of(store) as client:
        client.post("/", content=TABLE).raise_for_status()
        client.post("/", content="INSERT INTO events VALUES (1, 1, 1)").raise_for_status()
        begun = time.monotonic()
        assert store.process is not None
        store.process.send_signal(stop)
        assert store.process.wait(10) == 0
        assert time.monotonic() - begun < 2
        store.start()
        assert client.post("/", content="SELECT * FROM events").text == "1\t1\t1\n"
    assert "rror" not in store.log, store.log


def test_it_stops_in_time_whatever_runs(tmp_path: Path) -> None:
    """A long query, a long read that nobody reads on, and an upload that never ends."""
    codes: list[str] = []
    with EmbeddedStore(tmp_path) as store:
        with client_of(store) as client:
            client.post("/", content=TABLE).raise_for_status()
        assert store.process is not None

        def run(query: str) -> None:
            with client_of(store) as client:
                answer = client.post("/", content=query)
                codes.append(answer.headers["X-ClickHouse-Exception-Code"])

        queries = [
            "SELECT count() FROM numbers(1e13) WHERE NOT ignore(sipHash64(number))",
            "INSERT INTO events SELECT 1, 1, number FROM numbers(1e12) WHERE sleepEachRow(1) = 0 "
            "SETTINGS max_block_size = 1",
        ]
        threads = [threading.Thread(target=run, args=(query,)) for query in queries]
        for thread in threads:
            thread.start()
        with client_of(store) as client, _stalled_read(store), _stalled_upload(store):
            count = "SELECT count() FROM system.processes"
            wait_for(lambda: client.post("/", content=count).text == "5\n", "all run, and this one")
            begun = time.monotonic()
            store.process.terminate()
            assert store.process.wait(10) == 0
            took = time.monotonic() - begun
        for thread in threads:
            thread.join()
    assert took < 4.5
    assert len(codes) == 2, codes
    assert "rror" not in store.log, store.log


def _stalled_read(store: EmbeddedStore) -> socket.socket:
    return _send(store, "SELECT * FROM numbers(1000000000) FORMAT CSV", "")


def _stalled_upload(store: EmbeddedStore) -> socket.socket:
    return _send(store, "INSERT INTO events FORMAT CSV", "1,1,1\n", length=1 << 20)


def _send(store: EmbeddedStore, query: str, body: str, length: int = 0) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", store.port))
    url = httpx2.URL("/", params={"query": query})
    head = (
        f"POST {url} HTTP/1.1\r\nHost: x\r\nX-ClickHouse-User: freehold\r\n"
        f"X-ClickHouse-Key: {store.passwords.freehold}\r\nContent-Length: {length}\r\n\r\n"
    )
    sock.sendall(head.encode() + body.encode())
    return sock


def test_a_second_store_on_the_folder_is_told_why_not(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path) as store:
        second = EmbeddedStore(tmp_path)
        second.port = free_port()
        with pytest.raises(RuntimeError, match="another process has this store open"):
            second.start()
        with client_of(store) as client:
            assert client.post("/", content="SELECT 1").text == "1\n"


def test_an_address_in_use_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        store = EmbeddedStore(tmp_path)
        store.port = taken.getsockname()[1]
        with pytest.raises(RuntimeError, match="cannot listen: Address already in use"):
            store.start(wait_s=10)


def test_a_killed_store_loses_and_halves_nothing(tmp_path: Path) -> None:
    """kill -9 during inserts over three partitions: acknowledged batches are whole, and of the one
    that was not, each partition has all its rows or none."""
    store = EmbeddedStore(tmp_path)
    store.start()
    with client_of(store) as client:
        client.post("/", content=TABLE).raise_for_status()
    batch, acknowledged = 0, set()
    for cycle in range(2):
        killing = threading.Timer(0.1 + 0.1 * cycle, store.kill)
        try:
            with client_of(store) as client:
                _insert(client, batch := batch + 1)
                acknowledged.add(batch)
                killing.start()
                while True:
                    batch += 1
                    _insert(client, batch)
                    acknowledged.add(batch)
        except httpx2.TransportError:
            killing.join()
        _rubbish(store)
        store.start()
        assert list((store.folder / "scratch").iterdir()) == []
    with client_of(store) as client:
        query = "SELECT batch, month, count() FROM events GROUP BY batch, month ORDER BY ALL"
        rows = [
            tuple(map(int, r.split())) for r in client.post("/", content=query).text.splitlines()
        ]
        check = client.post("/", content="CHECK TABLE events").text
    store.stop()
    assert {count for _, _, count in rows} == {1000}
    assert {(number, month) for number in acknowledged for month in (0, 1, 2)} <= {
        (number, month) for number, month, _ in rows
    }
    assert all("\t1\t" in line for line in check.splitlines()), check
    assert len(acknowledged) > 1


def _insert(client: httpx2.Client, batch: int) -> None:
    data = "".join(f"{n % 3},{batch},{n}\n" for n in range(3000))
    client.post("/", params={"query": "INSERT INTO events FORMAT CSV"}, content=data)


def _rubbish(store: EmbeddedStore) -> None:
    (store.folder / "scratch" / "left-behind").touch()


def test_the_passwords_are_nowhere_in_the_folder_of_the_store(store: EmbeddedStore) -> None:
    secrets = [store.passwords.freehold.encode(), store.passwords.analyst.encode()]
    for path in store.folder.rglob("*"):
        if path.is_file():
            assert not [secret for secret in secrets if secret in path.read_bytes()], path


def test_it_may_open_as_many_files_as_the_system_lets_it(store: EmbeddedStore) -> None:
    assert store.process is not None
    limits = Path(f"/proc/{store.process.pid}/limits").read_text()
    soft, hard = next(line for line in limits.splitlines() if "open files" in line).split()[3:5]
    assert soft == hard


def test_the_process_is_fenced(store: EmbeddedStore) -> None:
    """The writer's own INSERT evaluates expressions, past the gate: Landlock stops it."""
    with client_of(store) as client:
        client.post("/", content="CREATE TABLE fenced (s String) ENGINE = Memory")
        answer = client.post("/", content="INSERT INTO fenced VALUES (file('/etc/hostname'))")
        assert "Permission denied" in answer.text
        assert client.post("/", content="SELECT count() FROM fenced").text == "0\n"
