"""What each partner took: its events, deduplicated as it deduplicates them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct

from server.demo.partners.contract import Item

MAX_KEPT = 2_000_000
"""Of each partner; the oldest are forgotten."""


class Once(Struct, kw_only=True):
    """An event that a partner took."""

    key: str
    """What it is deduplicated by."""
    id: str
    at: int
    """When it was taken first, ms UTC."""
    times: int
    missed: int = 0
    """How often it had come before, and a script did not let it be taken."""


class Taken:
    """The books of all partners."""

    def __init__(self, most: int = MAX_KEPT) -> None:
        self._most = most
        self._books: dict[str, dict[str, Once]] = {}
        self._missed: dict[str, Counter[str]] = {}

    def add(self, partner: str, items: Iterable[Item], *, now: int) -> None:
        """Takes note of events; one without an id is counted under none."""
        book = self._books.setdefault(partner, {})
        for item in items:
            key = item.key or item.id
            once = book.get(key)
            if once is None:
                missed = self._missed.get(partner, Counter()).pop(key, 0)
                book[key] = Once(key=key, id=item.id, at=now, times=1, missed=missed)
                if len(book) > self._most:
                    del book[next(iter(book))]
            else:
                once.times += 1

    def miss(self, partner: str, items: Iterable[Item]) -> None:
        """Takes note of events that came and were not taken, for no fault of their own."""
        self._missed.setdefault(partner, Counter()).update(item.key or item.id for item in items)

    def of(self, partner: str) -> Iterator[Once]:
        """What a partner took, the oldest first."""
        yield from self._books.get(partner, {}).values()

    def ids(self, partner: str) -> set[str]:
        """The ids that a partner took at least once."""
        return {once.id for once in self.of(partner)}

    def count(self, partner: str) -> int:
        """How many different events a partner took."""
        return len(self._books.get(partner, {}))

    def again(self, partner: str) -> int:
        """How many of them came more than once: those that it had to deduplicate."""
        return sum(once.times > 1 for once in self.of(partner))
