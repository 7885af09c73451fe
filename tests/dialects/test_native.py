from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from server.clock import DAY_MS, MINUTE_MS
from server.dialects.native import decode
from server.dialects.values import MAX_VENDORS, number
from server.model import NO_VISITOR, Event, Hit, Item, Person, Position, Reason, Reject
from tests.samples import NOON, VISITOR_ID, hit, visitor

HERE = Position(src=5, off=6)
EVENT_ID = "0199c000-0000-7000-8000-00000000abcd"


def body(*events: Any, **more: Any) -> bytes:
    return json.dumps({"v": 1, "events": list(events), **more}).encode()


def events(found: Hit) -> list[Event]:
    return [decoded[0] for decoded in decode(found, HERE) if isinstance(decoded, tuple)]


def rejects(found: Hit) -> list[Reject]:
    return [decoded for decoded in decode(found, HERE) if isinstance(decoded, Reject)]


def test_a_whole_hit_becomes_a_whole_event_and_a_person() -> None:
    wire = body(
        {
            "id": EVENT_ID,
            "name": "purchase",
            "at": NOON - 3_000,
            "try": 1,
            "url": "https://shop.example/thanks?x=1",
            "referrer": "https://shop.example/cart",
            "title": "Thanks",
            "props": {
                "value": 59.9,
                "currency": "EUR",
                "transaction_id": "T-1",
                "coupon": "SPRING",
                "shipping": 4.5,
                "gift": True,
                "tags": ["a", 1],
                "none": None,
            },
            "items": [{"item_id": "S1", "price": "19.95", "quantity": 3, "size": "XL"}],
            "user": {"id": "c-9", "email": "a@b.example", "phone": "+33 1"},
            "later": "a key that this version does not know",
        },
        sent_at=NOON - 1_000,
        page={
            "id": "p1",
            "seq": 4,
            "browser_seq": 17,
            "lang": "fr",
            "tz": "Europe/Paris",
            "screen": "1x2",
            "viewport": "3x4",
        },
        consent={
            "source": "site",
            "version": "3",
            "string": "CP",
            "purposes": {"ad_storage": "granted", "analytics_storage": "maybe", "x": "granted"},
        },
    )
    [(event, person)] = decode(hit(wire), HERE)  # type: ignore[misc]
    assert event == Event(
        event_id=EVENT_ID,
        src=5,
        off=6,
        idx=0,
        container_id="demo",
        visitor_id=VISITOR_ID,
        session_id=NOON // 1000,
        session_number=2,
        user_id="c-9",
        name="purchase",
        occurred_at=NOON - 2_000,
        received_at=NOON,
        client_ahead_ms=-1_000,
        resend=1,
        page_id=number("p1"),
        page_seq=4,
        browser_seq=17,
        url="https://shop.example/thanks?x=1",
        title="Thanks",
        referrer="https://shop.example/cart",
        language="fr",
        timezone="Europe/Paris",
        screen="1x2",
        viewport="3x4",
        consent={"ad_storage": "granted"},
        consent_source="site",
        consent_version="3",
        value="59.9000",
        currency="EUR",
        transaction_id="T-1",
        items=[Item(item_id="S1", price="19.9500", quantity=3.0, props={"size": "XL"})],
        props={"coupon": "SPRING", "shipping": "4.5", "gift": "true", "tags": '["a",1]'},
        nums={"shipping": 4.5},
    )
    assert person == Person(
        ip="203.0.113.9", user_agent="Mozilla/5.0", email="a@b.example", phone="+33 1"
    )


def test_items_may_stand_among_the_props_as_ga4_has_them() -> None:
    cup = {"item_id": "CUP", "price": 2}
    [event] = events(hit(body({"name": "a", "props": {"items": [cup], "x": "y"}})))
    assert event.items == [Item(item_id="CUP", price="2.0000")]
    assert event.props == {"x": "y"}
    [other] = events(hit(body({"name": "a", "props": {"items": [1]}})))
    assert (other.items, other.props) == ([], {"items": "[1]"})


def test_one_bad_event_costs_itself_only() -> None:
    found = list(decode(hit(body({"name": "a"}, {"name": 5}, {"name": "c"})), HERE))
    assert [d[0].idx if isinstance(d, tuple) else d for d in found] == [
        0,
        Reject(
            src=5,
            off=6,
            idx=1,
            container_id="demo",
            received_at=NOON,
            reason=Reason.BAD_EVENT,
            detail="Expected `str`, got `int` - at `$.name`",
            at="events[1].name",
            body='{"name": 5}',
        ),
        2,
    ]


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        (b"{}", Reason.BAD_BODY),
        (b'{"v":"1","events":[]}', Reason.BAD_BODY),
        (b'{"v":1,"events":{}}', Reason.BAD_BODY),
        (b'{"v":2,"events":[{"name":"a"}]}', Reason.BAD_VERSION),
        (b'{"v":1,"events":[]}', Reason.NO_EVENTS),
        (body({}), Reason.BAD_EVENT),
        (body({"name": ""}), Reason.BAD_EVENT),
        (body({"name": "a" * 101}), Reason.BAD_EVENT),
        (body({"name": "a\x00b"}), Reason.BAD_NAME),
        (body({"name": " a"}), Reason.BAD_NAME),
        (body({"name": "a", "at": -1}), Reason.BAD_EVENT),
        (body({"name": "a", "url": 9000}), Reason.BAD_EVENT),
        (b'{"v":1,"events":[{"name":"a","at":1e999}]}', Reason.BAD_EVENT),
    ],
)
def test_what_is_wrong_has_a_reason(wire: bytes, reason: Reason) -> None:
    assert [reject.reason for reject in rejects(hit(wire))] == [reason]
    assert events(hit(wire)) == []


@pytest.mark.parametrize(
    ("at", "sent_at", "occurred_at"),
    [
        (None, None, NOON),
        (NOON - 5_000, None, NOON - 5_000),
        (NOON - 5_000, NOON, NOON - 5_000),
        (NOON - 3650 * DAY_MS, NOON - 3650 * DAY_MS + 10, NOON - 10),
        (NOON - 3650 * DAY_MS, None, NOON - 7 * DAY_MS),
        (NOON + 3650 * DAY_MS, None, NOON + 5 * MINUTE_MS),
        (NOON + 60_000, NOON, NOON + 60_000),
    ],
)
def test_a_clock_that_is_years_off_is_corrected_and_clamped(
    at: int | None, sent_at: int | None, occurred_at: int
) -> None:
    [event] = events(hit(body({"name": "a", "at": at}, sent_at=sent_at)))
    assert event.occurred_at == occurred_at
    assert event.client_ahead_ms == (None if at is None else at - occurred_at)


def test_ids_that_are_no_uuids_are_made_into_one_and_stay_the_same() -> None:
    [first] = events(hit(body({"name": "a", "id": "order-77"})))
    [second] = events(hit(body({"name": "b", "id": "order-77"}), received_at=NOON + 5))
    [other] = events(hit(body({"name": "a", "id": "order-77"}), container_id="other"))
    assert first.event_id == second.event_id != other.event_id
    assert uuid.UUID(first.event_id).version == 5
    assert first.shared_id == "order-77"


@pytest.mark.parametrize(
    ("wire", "shared"),
    [
        ({"id": EVENT_ID}, EVENT_ID),
        ({"id": "order-77"}, "order-77"),
        ({"id": EVENT_ID.upper()}, EVENT_ID.upper()),
        ({"id": EVENT_ID, "props": {"event_id": "order-77"}}, "order-77"),
        ({"id": "a", "props": {"event_id": "order-77"}}, "order-77"),
        ({"id": "order-77", "props": {"size": 42}}, "order-77"),
    ],
)
def test_the_id_of_the_page_is_shared_as_it_was_written(wire: dict[str, Any], shared: str) -> None:
    [event] = events(hit(body({"name": "a", **wire})))
    assert event.shared_id == shared
    assert event.props.keys() - {"size"} == (set() if shared == EVENT_ID else {"event_id"})


@pytest.mark.parametrize("given_id", ["", "00000000-0000-0000-0000-000000000000"])
def test_without_an_id_the_position_makes_one(given_id: str) -> None:
    two = hit(body({"name": "a", "id": given_id}, {"name": "a", "id": given_id}))
    first, second = events(two)
    assert first.event_id != second.event_id
    assert [event.event_id for event in events(two)] == [first.event_id, second.event_id]
    assert (first.props, first.shared_id) == ({}, first.event_id)


def test_an_event_older_than_the_session_is_stored_without_it() -> None:
    late, fresh = events(
        hit(
            body({"name": "late", "at": NOON - 6 * MINUTE_MS}, {"name": "fresh", "at": NOON}),
            visitor=visitor(),
        )
    )
    assert (late.session_id, late.session_number, late.visitor_id) == (0, 0, VISITOR_ID)
    assert (fresh.session_id, fresh.session_number) == (NOON // 1000, 2)


def test_a_hit_without_visitor_has_no_identity() -> None:
    [event] = events(hit(body({"name": "a"}), visitor=None))
    assert (event.visitor_id, event.session_id) == (NO_VISITOR, 0)


USER = {
    "id": "c-9", "email": "a@b.example", "phone": "+33 1", "first_name": "Ann", "last_name": "Bee",
    "street": "1 High St", "city": "Lyon", "region": "ARA", "postcode": "69001", "country": "FR",
}  # fmt: skip
KNOWN: dict[str, Any] = {name: text for name, text in USER.items() if name != "id"}
HERE_ONLY = Person(ip="203.0.113.9", user_agent="Mozilla/5.0")
DENIED = {"consent": {"purposes": {"analytics_storage": "denied"}}}


def who(found: Hit) -> list[tuple[str, Person]]:
    return [(d[0].user_id, d[1]) for d in decode(found, HERE) if isinstance(d, tuple)]


@pytest.mark.parametrize(
    ("query", "more"),
    [
        ("c=0", {}),
        ("c=2", {}),
        ("debug=1&%63=0", {}),
        ("c=1&c=0", {}),
        ("c=1", DENIED),
        ("", DENIED),
    ],
)
def test_of_a_visitor_who_refused_nothing_is_known(query: str, more: dict[str, Any]) -> None:
    wire = body({"name": "a", "user": USER}, {"name": "b", "user": USER}, **more)
    assert who(hit(wire, query=query)) == [("", HERE_ONLY), ("", HERE_ONLY)]


@pytest.mark.parametrize("query", ["", "c=1", "c=", "debug=1"])
@pytest.mark.parametrize("answer", ["granted", "unset", None])
def test_without_a_refusal_the_person_is_kept(query: str, answer: str | None) -> None:
    more = {"consent": {"purposes": {"analytics_storage": answer}}} if answer else {}
    wire = body({"name": "a", "user": USER}, **more)
    person = Person(ip="203.0.113.9", user_agent="Mozilla/5.0", **KNOWN)
    assert who(hit(wire, query=query)) == [("c-9", person)]


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ({"id": 42, "email": None}, ("42", HERE_ONLY)),
        ({"id": "u1", "phone": ["x"], "city": "Paris"}, ("u1", replace(HERE_ONLY, city="Paris"))),
        ({"id": True, "email": {}, "street": "x" * 513}, ("", HERE_ONLY)),
        (None, ("", HERE_ONLY)),
        ("u1", ("", HERE_ONLY)),
    ],
)
def test_what_cannot_be_used_of_a_user_costs_no_event(user: Any, expected: Any) -> None:
    found = hit(body=body({"name": "a", "user": user}, {"name": "b"}))
    assert who(found) == [expected, ("", HERE_ONLY)]
    assert rejects(found) == []


def test_an_address_that_is_too_long_is_cut() -> None:
    url = "https://shop.example/?" + "x" * 9000
    given = {"name": "a", "url": url, "title": "t" * 8193, "user": {"id": 1}}
    event, _ = events(hit(body=body(given, {"name": "b"})))
    assert (event.url, event.title, event.user_id) == (url[:8192], "t" * 8192, "1")


def test_what_is_wrong_beside_the_user_is_refused_for_itself() -> None:
    [refused] = rejects(hit(body=body({"name": "a", "user": {"id": 1}, "props": 5})))
    assert (refused.reason, refused.at) == (Reason.BAD_EVENT, "events[0].props")


def test_a_pixel_of_a_visitor_who_refused_has_no_user_id() -> None:
    assert who(hit(query="c=0&name=a&user_id=u1")) == [("", HERE_ONLY)]
    assert who(hit(query="c=2&name=a&user_id=u1")) == [("", HERE_ONLY)]


def test_the_pixel_speaks_the_same_words() -> None:
    query = (
        f"c=1&name=open&id={EVENT_ID}&url=https%3A%2F%2Fa.example%2F&title=T&p.list=news"
        f"&p.value=5&user_id=u1&at={NOON}&name2=x"
    )
    [event] = events(hit(query=query))
    assert event.event_id == EVENT_ID
    assert (event.name, event.url, event.title, event.user_id) == (
        "open",
        "https://a.example/",
        "T",
        "u1",
    )
    assert (event.value, event.props, event.occurred_at) == ("5.0000", {"list": "news"}, NOON)


def test_a_pixel_without_a_name_is_a_reject() -> None:
    assert [reject.reason for reject in rejects(hit(query="c=1"))] == [Reason.BAD_EVENT]


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 400, "-5", "1.5", "٣"])
def test_a_pixel_with_an_absurd_number_is_taken_without_it(number: str) -> None:
    [event] = events(hit(query=f"name=a&at={number}&sent_at={number}"))
    assert event.occurred_at == NOON


def test_an_order_has_at_most_two_hundred_lines() -> None:
    assert len(events(hit(body({"name": "a", "items": [{}] * 200})))) == 1
    assert rejects(hit(body({"name": "a", "items": [{}] * 201})))[0].at == "events[0].items"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["v", "events", "name", "at", "id", "props", "items", "user", "value", "price", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(JSON)
def test_no_json_makes_it_raise_and_every_event_has_one_row(document: Any) -> None:
    wire = body(document, {"name": "ok", "props": document if isinstance(document, dict) else {}})
    found = list(decode(hit(wire), HERE))
    assert len(found) == 2
    assert sorted(d[0].idx if isinstance(d, tuple) else d.idx for d in found) == [0, 1]


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    assert list(decode(hit(data), HERE))


@given(st.text(max_size=200))
def test_no_query_makes_it_raise(query: str) -> None:
    assert list(decode(hit(query=query), HERE))


def test_of_vendors_some_answers_are_kept_and_a_strange_tc_string_costs_nothing() -> None:
    said = {"tcf:755": "granted", "tcf:25": "denied", "ad_storage": "granted", "tcf:2": "maybe"}
    strange = dict.fromkeys(("tcf:0", "tcf:x", "tcf:", "tcf:123456", "tcf:1\n", "TCF:1"), "granted")
    strings: list[Any] = [7, None, [], "=" * 100_000]
    for string in strings:
        wire = body({"name": "page_view"}, consent={"string": string, "purposes": said | strange})
        [found] = events(hit(wire))
        assert found.consent == {"ad_storage": "granted", "tcf:755": "granted", "tcf:25": "denied"}
    many = {f"tcf:{number}": "granted" for number in range(1, 999)}
    [found] = events(hit(body({"name": "page_view"}, consent={"purposes": many | said})))
    assert len(found.consent) == MAX_VENDORS + 1
    assert found.consent["ad_storage"] == "granted"


def test_a_strange_word_in_the_consent_costs_no_hit() -> None:
    purposes = {"ad_storage": True, "analytics_storage": ["granted"], "ad_user_data": "granted"}
    strange = {"source": "s" * 600, "version": 3, "purposes": purposes}
    [found] = events(hit(body({"name": "page_view"}, consent=strange)))
    assert found.consent == {"ad_user_data": "granted"}
    assert (found.consent_source, found.consent_version) == ("s" * 512, "3")
    [found] = events(hit(body({"name": "page_view"}, consent={"source": None, "version": {}})))
    assert (found.consent_source, found.consent_version) == ("", "")
