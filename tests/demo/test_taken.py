from __future__ import annotations

from server.demo.partners.contract import Item
from server.demo.taken import Taken


def test_events_are_counted_by_what_the_partner_deduplicates_by() -> None:
    taken = Taken()
    taken.add("meta", [Item(id="1", key="Purchase|1"), Item(id="1", key="Lead|1")], now=10)
    taken.add("meta", [Item(id="1", key="Purchase|1")], now=20)
    assert [(one.key, one.id, one.at, one.times) for one in taken.of("meta")] == [
        ("Purchase|1", "1", 10, 2),
        ("Lead|1", "1", 10, 1),
    ]
    assert taken.ids("meta") == {"1"}
    assert (taken.count("meta"), taken.again("meta"), taken.count("tiktok")) == (2, 1, 0)


def test_the_oldest_are_forgotten_when_there_are_too_many() -> None:
    taken = Taken(most=3)
    taken.add("webhook", [Item(id=str(number)) for number in range(5)], now=1)
    assert taken.ids("webhook") == {"2", "3", "4"}


def test_it_is_known_how_often_an_event_had_to_come_before_it_was_taken() -> None:
    taken = Taken()
    for _ in range(2):
        taken.miss("meta", [Item(id="1", key="Lead|1"), Item(id="2")])
    taken.add("meta", [Item(id="1", key="Lead|1"), Item(id="3")], now=1)
    assert [(one.id, one.missed) for one in taken.of("meta")] == [("1", 2), ("3", 0)]
