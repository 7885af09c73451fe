from __future__ import annotations

from server.demo.partners.contract import Item
from server.demo.trouble import Script, Trouble, Troubles

NOW = 1_795_000_000_000


def struck(troubles: Troubles, count: int, partner: str = "meta") -> list[bool]:
    return [troubles.strike(partner, "/x", now=NOW) is not None for _ in range(count)]


def test_a_share_is_struck_and_the_same_ones_for_the_same_seed() -> None:
    storm = Trouble(kind="error", share=0.1)
    first = struck(Troubles(storm, seed=5), 2000)
    assert 140 < sum(first) < 260
    assert struck(Troubles(storm, seed=5), 2000) == first
    assert struck(Troubles(storm, seed=6), 2000) != first


def test_what_one_partner_is_asked_does_not_move_another_s_chance() -> None:
    storm = Trouble(kind="error", share=0.5)
    alone, together = Troubles(storm), Troubles(storm)
    expected = struck(alone, 50)
    found = []
    for _ in range(50):
        together.strike("tiktok", "/y", now=NOW)
        found += struck(together, 1)
    assert found == expected


def test_a_trouble_is_one_partner_s_or_one_path_s_and_the_first_one_strikes() -> None:
    troubles = Troubles(
        Trouble(kind="hang", partner="tiktok"),
        Trouble(kind="reset", path="/orders"),
        Trouble(kind="slow", path="/orders/late"),
    )
    kinds = [
        trouble.kind if trouble else ""
        for trouble in (
            troubles.strike("tiktok", "/orders", now=NOW),
            troubles.strike("webhook", "/orders/late", now=NOW),
            troubles.strike("webhook", "/other", now=NOW),
        )
    ]
    assert kinds == ["hang", "reset", ""]


def test_an_outage_ends_by_itself() -> None:
    troubles = Troubles()
    troubles.set(Script(troubles=[Trouble(kind="reset", lasts_s=60)]), now=NOW)
    assert troubles.strike("meta", "/", now=NOW + 59_999)
    assert troubles.strike("meta", "/", now=NOW + 60_000) is None


def test_the_same_event_is_spoilt_each_time() -> None:
    troubles, partial = Troubles(), Trouble(kind="partial", every=10)
    items = [Item(id=str(number)) for number in range(2000)]
    spoilt = [troubles.spoils(partial, item) for item in items]
    assert 140 < sum(spoilt) < 260
    assert [troubles.spoils(partial, item) for item in items] == spoilt
    assert not any(troubles.spoils(Trouble(kind="slow"), item) for item in items)
