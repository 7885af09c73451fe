from __future__ import annotations

import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from server.histogram import histogram
from server.pipeline import scrape
from server.pipeline.scrape import Scrape
from server.settings import Address
from tests.embedded_store import free_port
from tests.pipeline.conftest import Node
from tests.running import wait_for


@contextmanager
def scraping(node: Node, port: int) -> Iterator[None]:
    one = Scrape(
        data=node.data,
        address=Address("127.0.0.1", port),
        inserts=histogram((1.0,)),
        destinations={},
        now=node.clock,
    )
    stop = threading.Event()
    thread = threading.Thread(target=one.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def answer(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def test_prometheus_finds_the_figures_as_they_are_now(node: Node) -> None:
    port = free_port()
    with scraping(node, port):
        wait_for(lambda: "freehold_disk_free_bytes" in answer(port), "an answer")
        assert 'freehold_pending_records{kind="journal",name="w0"}' in answer(port)
        node.take(b"a hit")
        assert 'freehold_pending_records{kind="journal",name="w0"} 1.0' in answer(port)


def test_a_port_that_is_taken_is_told_once_and_tried_again(
    node: Node, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(scrape, "AGAIN_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with scraping(node, port):
            wait_for(lambda: "FREEHOLD_METRICS_LISTEN=127.0.0.1" in caplog.text, "the error")
            other.close()
            wait_for(lambda: "freehold_disk" in answer(port), "an answer")
    assert caplog.text.count("FREEHOLD_METRICS_LISTEN") == 1
