"""How long an ad click counts, and where partners' own tags in the page note it.

For each kind of click id that a partner takes with a later event: for how many days after the click
(as long as the partner looks back, or as its own cookie lives), and the cookies of the site's own
host that hold it, the likeliest first. A kind that is not here is not kept with the visitor.
"""

from __future__ import annotations

CLICK_DAYS: dict[str, int] = {
    # Google refuses conversions of clicks that are older.
    "gclid": 90,
    "gbraid": 90,
    "wbraid": 90,
    "dclid": 90,
    # As long as the partner's own cookie.
    "fbclid": 90,
    "msclkid": 90,
    "twclid": 90,
    "rdt_cid": 90,
    "li_fat_id": 30,
    # The longest time that the partner attributes a sale to a click.
    "epik": 60,
    "ttclid": 28,
    "sccid": 28,
}

CLICK_COOKIES: dict[str, tuple[str, ...]] = {
    # Of gtag.js, then of a server container of Google's.
    "gclid": ("_gcl_aw", "FPGCLAW"),
    "gbraid": ("_gcl_ag", "FPGCLAG"),
    "wbraid": ("_gcl_gb", "FPGCLGB"),
    "dclid": ("_gcl_dc", "FPGCLDC"),
    "fbclid": ("_fbc",),
    "msclkid": ("_uetmsclkid",),
    "twclid": ("twclid", "_twclid"),
    "rdt_cid": ("_rdt_cid",),
    "li_fat_id": ("li_fat_id",),
    "epik": ("_epik",),
    "ttclid": ("ttclid",),
    "sccid": ("_scclid",),
}
