"""The embedded ClickHouse: chDB in one process behind the ClickHouse HTTP protocol."""

from server.store.embedded.server import serve
from server.store.embedded.users import Passwords, load_passwords

__all__ = ["Passwords", "load_passwords", "serve"]
