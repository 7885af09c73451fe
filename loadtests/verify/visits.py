"""What visitors were told, against events, sessions and deliveries of the demo container.

Who refused, or had not answered yet, has no visitor and no user id; who consented has the visitor
of their cookie, and a session for each visit. A partner got what it may have, and nothing else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from msgspec import Struct

from loadtests.verify.ids import Ask, compare, stored_ids
from loadtests.verify.told import Told

NOBODY = "00000000-0000-0000-0000-000000000000"
GRANTED = "granted"
SHOPPING = ("view_item_list", "view_item", "add_to_cart", "view_cart", "begin_checkout", "purchase")
BUYING = ("view_item", "add_to_cart", "begin_checkout", "purchase")
ADS = ("ad_storage", "ad_user_data")
TAGS = {
    "ga4": (("page_view", *SHOPPING), ("analytics_storage",)),
    "meta": (("page_view", *BUYING), ADS),
    "tiktok": (("page_view", *BUYING), ADS),
    "orders": (("purchase",), ("analytics_storage", "ad_user_data")),
}
"""Tags of tag_configs/demo.yaml: the events that they fire on, and the purposes that they need."""


class Check(Struct, frozen=True, kw_only=True):
    """A line of the table."""

    what: str
    expected: int
    found: int
    wrong: int
    detail: str = ""
    """The first thing that is wrong."""


def check_all(told: Sequence[Told], ask: Ask) -> Iterator[Check]:
    """Every check, by reading ClickHouse once for each."""
    answered = [one for one in told if one.is_answered]
    yield from check_ids(told, ask)
    yield from check_identity(answered, ask)
    yield check_sessions(answered, ask)
    yield check_deliveries(answered, delivered(ask))


def check_ids(told: Sequence[Told], ask: Ask) -> Iterator[Check]:
    """Acknowledged = distinct ids = rows."""
    acknowledged = {one.id for one in told if one.is_answered}
    given_up = {one.id for one in told if not one.is_answered}
    found = compare(acknowledged, stored_ids(ask), given_up=given_up)
    is_wrong = found.lost or found.unknown
    yield Check(
        what="ids acknowledged, distinct ids",
        expected=found.acknowledged,
        found=found.distinct,
        wrong=found.lost + found.unknown,
        detail=f"{found.lost} lost, {found.unknown} of nobody" if is_wrong else "",
    )
    yield Check(
        what="distinct ids, rows", expected=found.distinct, found=found.rows, wrong=found.doubled
    )


def check_identity(told: Sequence[Told], ask: Ask) -> Iterator[Check]:
    """Who has a visitor's id and who must have none; each row says the consent of its hit."""
    columns = "toString(event_id), toString(visitor_id), user_id, bot, consent"
    sql = f"SELECT {columns} FROM freehold.events"
    rows = {str(row[0]): tuple(row[1:]) for row in ask(sql)}
    without, known, consents, bots = _Faults(), _Faults(), _Faults(), _Faults()
    for one in told:
        visitor, user, bot, consent = rows.get(one.id, (NOBODY, "", "", {}))
        if one.choice != "1":
            without.look(one, visitor == NOBODY and not user)
        elif not one.is_doubtful:
            known.look(one, visitor == one.visitor)
        consents.look(one, consent == one.purposes)
        bots.look(one, bool(bot) == one.is_bot)
    yield without.check("events without consent, without a visitor")
    yield known.check("events with consent, with the visitor of their cookie")
    yield consents.check("events with the consent of their hit")
    yield bots.check("events marked as of a bot, or not")


def check_sessions(told: Sequence[Told], ask: Ask) -> Check:
    """A visitor has as many sessions as there were visits with consent."""
    doubtful = {one.visitor for one in told if one.is_doubtful}
    visits: defaultdict[str, set[int]] = defaultdict(set)
    for one in told:
        if one.visitor and one.choice == "1" and one.visitor not in doubtful:
            visits[one.visitor].add(one.visit)
    sql = "SELECT toString(visitor_id), count() FROM freehold.sessions GROUP BY visitor_id"
    counted = {str(visitor): int(count) for visitor, count in ask(sql)}
    expected = {visitor: len(numbers) for visitor, numbers in visits.items()}
    found = {visitor: counted.get(visitor, 0) for visitor in expected}
    wrong = [visitor for visitor in expected if expected[visitor] != found[visitor]]
    return Check(
        what=f"visits of {len(expected)} visitors, sessions",
        expected=sum(expected.values()),
        found=sum(found.values()),
        wrong=len(wrong),
        detail=f"visitor {wrong[0]}" if wrong else "",
    )


def check_deliveries(told: Sequence[Told], arrived: set[tuple[str, str]]) -> Check:
    """Each event that may go to a partner went, unless consent was taken back meanwhile."""
    must, may = owed(told)
    ids = {one.id for one in told}
    found = {pair for pair in arrived if pair[0] in ids}
    missing, forbidden = must - found, found - may
    return Check(
        what="events owed to partners, delivered",
        expected=len(must),
        found=len(found & must),
        wrong=len(missing) + len(forbidden),
        detail=f"{len(missing)} missing, {len(forbidden)} not allowed"
        if missing | forbidden
        else "",
    )


def owed(told: Sequence[Told]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Which events must have reached which tag, and which may have: those of visitors too who took
    their consent back afterwards."""
    withdrawn = {one.withdrawer for one in told if one.withdrawer}
    may = {
        (one.id, tag): one.visitor
        for one in told
        for tag, (names, purposes) in TAGS.items()
        if one.name in names
        and not one.is_bot
        and all(one.purposes.get(purpose) == GRANTED for purpose in purposes)
    }
    return {pair for pair, visitor in may.items() if visitor not in withdrawn}, set(may)


def delivered(ask: Ask) -> set[tuple[str, str]]:
    """Events and the tags that took them."""
    sql = (
        "SELECT DISTINCT toString(event_id), tag FROM freehold.deliveries "
        "WHERE outcome = 'delivered'"
    )
    return {(str(event_id), str(tag)) for event_id, tag in ask(sql)}


class _Faults:
    """Counts what was looked at, and what of it is wrong."""

    def __init__(self) -> None:
        self._seen = 0
        self._wrong: list[Told] = []

    def look(self, one: Told, is_well: bool) -> None:
        self._seen += 1
        if not is_well:
            self._wrong.append(one)

    def check(self, what: str) -> Check:
        names = Counter(f"{one.name} with c={one.choice}" for one in self._wrong)
        detail = f"{self._wrong[0].id}; {dict(names)}" if self._wrong else ""
        seen, wrong = self._seen, len(self._wrong)
        return Check(what=what, expected=seen, found=seen - wrong, wrong=wrong, detail=detail)
