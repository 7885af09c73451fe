"""What the network did to a request, in words for whoever has to put it right."""

from __future__ import annotations

import socket
import ssl

NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"})
"""What versions of OpenSSL make of an answer in plain HTTP."""


def in_words(error: OSError) -> str:
    """A few words; what the error says of itself, if we know none."""
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, socket.gaierror):
        if error.errno == socket.EAI_AGAIN:
            return "no name server answers that could tell its address"
        return "no such host; is its name spelled right, and in the DNS already?"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError) and error.reason in NO_TLS:
        return "it speaks no TLS; is it http://, or another port?"
    return (error.strerror or str(error) or type(error).__name__).lower()
