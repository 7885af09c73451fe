"""The door: a listening socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from server.errors import ConfigError
from server.settings import Address


@contextmanager
def listen(address: Address, setting: str = "FREEHOLD_LISTEN") -> Iterator[socket.socket]:
    """A listening socket that children inherit, so that it outlives each of them."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((address.host, address.port))
        except OSError as error:
            raise ConfigError([f"{setting}={address}: {error.strerror}"]) from error
        door.listen(2048)
        yield door
