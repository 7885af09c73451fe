from __future__ import annotations

from server.publication import TagTrace, Trace
from server.studio.traced import told
from tests.samples import NOON


def trace(*tags: TagTrace, is_sent: bool = False) -> Trace:
    return Trace(
        src=1, off=0, idx=0, container_id="shop", event_id="e", received_at=NOON, draft_id="d",
        is_sent=is_sent, event_name="purchase", url="https://shop.example/", tags=list(tags),
    )  # fmt: skip


SENT = TagTrace(
    tag="ga4", type="ga4", outcome="send", words=["fired by all_pages"], method="POST",
    url="https://ga.example/?api_secret=$secret.GA4", headers={"a": "b"}, body='{"x":1}',
)  # fmt: skip
NOT_FIRED = TagTrace(
    tag="orders", type="webhook", outcome="not_fired", words=["big: event.value is missing"]
)
WITHHELD = TagTrace(tag="c", type="ga4", outcome="withheld", reason="consent:ad_storage")
REFUSED = TagTrace(tag="d", type="ga4", outcome="refused", reason="bad_name", words=["too long"])


def test_a_trace_is_read_from_top_to_bottom() -> None:
    first, second, *lines = told(trace(SENT, NOT_FIRED, WITHHELD, REFUSED))
    assert first.endswith("UTC  purchase  https://shop.example/")
    assert second == "  event e"
    assert lines == [
        "  ga4 (ga4): would be sent",
        "      fired by all_pages",
        "      POST https://ga.example/?api_secret=$secret.GA4",
        "      a: b",
        '      {"x":1}',
        "  orders (webhook): not fired",
        "      big: event.value is missing",
        "  c (ga4): withheld: the visitor had not consented to ad_storage",
        "  d (ga4): would be refused: bad_name",
        "      too long",
    ]


def test_a_preview_that_sends_says_so() -> None:
    assert "  ga4 (ga4): is sent" in list(told(trace(SENT, is_sent=True)))
