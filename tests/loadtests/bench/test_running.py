"""The benchmark's servers answer every kind of request, and what they store is counted."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from loadtests.bench import nginx
from loadtests.bench.request import BATCH, GIF, HIT, TAGS, Work
from loadtests.bench.running import Running
from loadtests.bench.subjects import SUBJECTS, Subject

CORE = min(os.sched_getaffinity(0))
OURS = [subject for subject in SUBJECTS if subject.stores]


def answer(server: Running, work: Work) -> tuple[int, bytes]:
    """The status of one request, and the headers of the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(work.raw())
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
    return int(head.split()[1]), head.partition(b"\r\n\r\n")[0].lower()


@pytest.mark.parametrize("subject", OURS, ids=lambda subject: subject.name)
def test_what_is_answered_is_in_the_journal(tmp_path: Path, subject: Subject) -> None:
    with Running(subject, tmp_path, core=CORE) as server:
        for work, status in ((HIT, 204), (BATCH, 204), (GIF, 200)):
            assert answer(server, work)[0] == status
            server.note(work, 1)
        tags = [answer(server, work) for work in TAGS]
        server.stop()
        assert server.holds(server.stored())
        assert not server.holds(server.stored() - 1)
    assert [status for status, _ in tags] == [200, 200, 304]
    assert b"content-encoding: br" in tags[0][1]
    assert b"content-encoding: gzip" in tags[1][1]


def test_only_lines_with_a_body_count_as_bodies_in_the_log(tmp_path: Path) -> None:
    body = HIT.body.decode().replace('"', '\\"')
    (tmp_path / "log").write_text(f"1760000000.000 a=b {body}\n1760000000.000 a=b -\n")
    assert nginx.logged(tmp_path) == (2, 1)
