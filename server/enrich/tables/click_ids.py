"""Parameters that ad networks and other sites append to a landing URL to know the click again.

The kind of a click id is the parameter's name in lower case. Beside it stand the source and medium
that the click alone proves, in GA4's words. Some networks mark unpaid clicks too (`fbclid`,
`epik`): their medium says so.
"""

from __future__ import annotations

CLICK_IDS: dict[str, tuple[str, str]] = {
    # Google: Ads, Ads on iOS (app and web), Campaign Manager, free listings of Merchant Center.
    "gclid": ("google", "cpc"),
    "gbraid": ("google", "cpc"),
    "wbraid": ("google", "cpc"),
    "dclid": ("google", "cpm"),
    "srsltid": ("google", "organic"),
    # Other search engines.
    "msclkid": ("bing", "cpc"),
    "yclid": ("yandex", "cpc"),
    "ysclid": ("yandex", "organic"),
    "sznclid": ("seznam", "cpc"),
    "vmcid": ("yahoo", "cpc"),
    # Social networks.
    "fbclid": ("facebook", "social"),
    "igsh": ("instagram", "social"),
    "igshid": ("instagram", "social"),
    "epik": ("pinterest", "social"),
    "ttclid": ("tiktok", "cpc"),
    "twclid": ("twitter", "cpc"),
    "li_fat_id": ("linkedin", "cpc"),
    "sccid": ("snapchat", "cpc"),
    "rdt_cid": ("reddit", "cpc"),
    "qclid": ("quora", "cpc"),
    "ndclid": ("nextdoor", "cpc"),
    # OpenAI's ads in ChatGPT.
    "oppref": ("chatgpt.com", "cpc"),
    # Native and display networks.
    "tblci": ("taboola", "cpc"),
    "dicbo": ("outbrain", "cpc"),
    "obclid": ("outbrain", "cpc"),
    "cto_pld": ("criteo", "cpc"),
    "ttdclid": ("thetradedesk", "cpm"),
    "ef_id": ("adobe", "cpc"),
    # Affiliate networks.
    "awc": ("awin", "affiliate"),
    "cjevent": ("cj", "affiliate"),
    "irclickid": ("impact", "affiliate"),
    "ranmid": ("rakuten advertising", "affiliate"),
    "ransiteid": ("rakuten advertising", "affiliate"),
    "sscid": ("shareasale", "affiliate"),
    "tduid": ("tradedoubler", "affiliate"),
    "admitad_uid": ("admitad", "affiliate"),
    "zanpid": ("zanox", "affiliate"),
}
