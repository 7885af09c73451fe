"""What was asked of the collector: bytes from the wire, whoever read them there."""

from __future__ import annotations

from msgspec import Struct


class Asked(Struct, frozen=True, kw_only=True, gc=False):
    """One request but for its body. Header names are in lower case."""

    headers: list[tuple[bytes, bytes]]
    fields: dict[bytes, bytes]
    """The first header of each name, as `first_of` makes it."""
    query: bytes
    peer: str
    """The address that the connection came from."""
    is_post: bool = True
    """Not an image, which any site could show."""

    def text(self, name: bytes) -> str:
        """The first header of a name, or ""."""
        return self.fields.get(name, b"").decode("latin-1")

    def every(self, name: bytes) -> str:
        """All headers of a name, joined as one list."""
        return b",".join(value for key, value in self.headers if key == name).decode("latin-1")


def first_of(headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The first value of each name; of two that contradict each other the later is ignored."""
    return dict(reversed(headers))
