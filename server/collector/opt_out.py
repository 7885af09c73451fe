"""A visitor's opt-out: it wins over everything, and lasts longer than what a script can store.

`?c=3` opts out: a cookie of the collector's own says so for 400 days, read on every hit before
anything else of it and renewed by it. Such hits are answered 204, counted and not stored. The hit
that opts out becomes one that takes every consent back, with nothing of its sender but the page
load that it came from. `?c=4`, by POST alone, so that no image or link of others does it, ends it.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from server.collector import cookies
from server.collector.asked import Asked
from server.collector.site import Site
from server.dialects.wire import WirePage
from server.errors import OptedOut

OUT, BACK = "3", "4"
"""What the query's `c` says."""
DAYS = 400
"""As long as browsers keep a cookie."""
PURPOSES = ("ad_storage", "analytics_storage", "ad_user_data", "ad_personalization")


class _Body(Struct):
    page: WirePage = WirePage()


def check(asked: Asked, cookie: str, choice: str, site: Site, *, is_post: bool) -> None:
    """Raises OptedOut for a hit of which nothing may be stored."""
    host = asked.text(b"host")
    if choice == BACK and is_post:
        raise OptedOut("opted_in", cookies.end_opt_out(site, host=host))
    if cookies.find(cookie, site.opt_out_cookie):
        raise OptedOut("opted_out", cookies.set_opt_out(site, days=DAYS, host=host))


def refusal(body: bytes) -> bytes:
    """The body that is stored instead of the given one: all consent taken back, and by which page
    load, since what partners are owed of a visitor without a cookie is known by it alone."""
    try:
        page = msgspec.json.decode(body, type=_Body).page.id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        page = ""
    consent = {"source": "opt_out", "purposes": dict.fromkeys(PURPOSES, "denied")}
    events = [{"name": "consent_update"}]
    return msgspec.json.encode({"v": 1, "page": {"id": page}, "consent": consent, "events": events})
