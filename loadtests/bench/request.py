"""The requests that every server gets: as the tag and a browser send them, from a known visitor."""

from __future__ import annotations

import json
import time
from urllib.parse import urlencode

from msgspec import Struct

from server.collector.site import make_site
from server.containers.model import Container, Cookie, CookieMode
from server.identity import KeyRing, sign
from server.model import Visitor

ORIGIN = "https://www.shop.example"
KEYS = KeyRing(("the-key-of-a-benchmark-is-no-secret-at-all",))
CONTAINER = Container(id="shop", sites=[ORIGIN], cookie=Cookie(mode=CookieMode.CONSENT))
AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
VIEW = {
    "v": 1,
    "sent_at": 1760000000000,
    "page": {
        "id": "0199c000-0000-7000-8000-000000000001",
        "seq": 1,
        "lang": "en-GB",
        "tz": "Europe/London",
        "screen": "1920x1080",
        "viewport": "1200x800",
    },
    "consent": {
        "source": "tcf",
        "version": "1",
        "purposes": {
            "ad_storage": "granted",
            "analytics_storage": "granted",
            "ad_user_data": "granted",
            "ad_personalization": "denied",
        },
    },
    "events": [
        {
            "id": "0199c000-0000-7000-8000-000000000002",
            "name": "page_view",
            "at": 1760000000000,
            "url": "https://www.shop.example/shoes?utm_source=news&utm_medium=email&utm_campaign=a",
            "referrer": "https://www.google.com/",
            "title": "Shoes for the autumn and for the winter | Shop",
            "props": {"list": "shoes", "logged_in": "no", "shelf": "12"},
        }
    ],
}
BODY = json.dumps(VIEW, separators=(",", ":")).encode()
EIGHT = json.dumps({**VIEW, "events": VIEW["events"] * 8}, separators=(",", ":")).encode()  # type: ignore[operator]
PIXEL = {
    "c": "1",
    "name": "page_view",
    "url": "https://www.shop.example/shoes",
    "referrer": "https://www.google.com/",
    "title": "Shoes for the autumn",
    **{f"p.list_{number}": f"value {number}" for number in range(15)},
}


class Work(Struct, frozen=True, kw_only=True):
    """One kind of request."""

    name: str
    title: str
    path: str
    body: bytes = b""
    events: int = 1
    is_stored: bool = True
    """Whether our servers have to have it in their journal afterwards."""
    more: tuple[tuple[str, str], ...] = ()
    """Headers beside the browser's."""

    @property
    def method(self) -> str:
        return "POST" if self.body else "GET"

    def headers(self) -> dict[str, str]:
        """All headers, with a cookie of now."""
        more = dict(self.more)
        if "If-None-Match" in more:
            more["If-None-Match"] = etag()
        return headers() | more

    def raw(self) -> bytes:
        """The request as it goes over the wire."""
        fields = {"Host": "127.0.0.1", **self.headers(), "Content-Length": str(len(self.body))}
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{k}: {v}" for k, v in fields.items())]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


_TAG = f"/{CONTAINER.id}/tag.js"
HIT = Work(name="hit", title="one page view", path=f"/{CONTAINER.id}/hit?c=1", body=BODY)
BATCH = Work(
    name="batch", title="eight events", path=f"/{CONTAINER.id}/hit?c=1", body=EIGHT, events=8
)
GIF = Work(
    name="pixel",
    title="the pixel, 20 parameters",
    path=f"/{CONTAINER.id}/hit.gif?{urlencode(PIXEL)}",
)
TAGS = tuple(
    Work(name=name, title=f"the tag, {title}", path=_TAG, is_stored=False, more=(field,))
    for name, title, field in (
        ("tag-br", "200 in brotli", ("Accept-Encoding", "gzip, deflate, br")),
        ("tag-gzip", "200 in gzip", ("Accept-Encoding", "gzip")),
        ("tag-304", "304", ("If-None-Match", "")),
    )
)


def headers() -> dict[str, str]:
    """What a browser sends; the cookie is fresh, then a minute old and due again, as in life."""
    now = int(time.time() * 1000)
    known = Visitor(
        visitor_id="0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11",
        issued_at=now - 86_400_000,
        session_id=now // 1000 - 60,
        session_number=3,
        session_seen_at=now,
    )
    site = make_site(CONTAINER, KEYS)
    value = sign(known, signer=site.signer)
    return {
        "Content-Type": "text/plain;charset=UTF-8",
        "User-Agent": AGENT,
        "Accept": "*/*",
        "Accept-Language": "en-GB,en;q=0.9",
        "Origin": ORIGIN,
        "Referer": f"{ORIGIN}/",
        "sec-ch-ua": '"Chromium";v="140", "Not=A?Brand";v="24"',
        "sec-ch-ua-mobile": "?0",
        "sec-ch-ua-platform": '"Linux"',
        "Cookie": f"_ga=GA1.1.1234567.7654321; {CONTAINER.cookie_name}={value}",
    }


def etag() -> str:
    """The tag's, for a browser that has it."""
    return make_site(CONTAINER, KEYS).script.etag
