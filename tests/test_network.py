from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from server.network import in_words
from tests.fronts.certificate import certify


def test_what_has_a_name_of_its_own_is_told_by_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    with pytest.raises(OSError, match="refused") as refused:
        socket.create_connection(("127.0.0.1", port), timeout=5)
    assert in_words(refused.value) == "connection refused"
    assert in_words(TimeoutError()) == "timed out"


@pytest.mark.parametrize(
    ("number", "words"),
    [(socket.EAI_NONAME, "no such host"), (socket.EAI_AGAIN, "no name server answers")],
)
def test_a_name_that_is_not_found_says_what_to_look_at(number: int, words: str) -> None:
    assert in_words(socket.gaierror(number, "[Errno]")).startswith(words)


def test_tls_that_fails_says_why(tmp_path: Path) -> None:
    answers, asks = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(answers, asks, server_hostname="t.example")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    answers.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with pytest.raises(ssl.SSLError) as plain:
        client.do_handshake()
    assert in_words(plain.value) == "it speaks no TLS; is it http://, or another port?"
    assert in_words(_untrusted(tmp_path)).startswith("its certificate is not trusted: self")


def _untrusted(folder: Path) -> ssl.SSLError:
    """What a client says of a certificate that its own host has signed."""
    certify("t.example", folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(there, back, server_side=True)
    client = ssl.create_default_context().wrap_bio(back, there, server_hostname="t.example")
    for side in (client, server):
        with pytest.raises(ssl.SSLWantReadError):
            side.do_handshake()
    with pytest.raises(ssl.SSLError) as told:
        client.do_handshake()
    return told.value
