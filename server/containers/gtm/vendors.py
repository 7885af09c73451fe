"""GTM's types of tags, and the destination that each waits for, or why none will come.

A type in VENDORS converts as soon as Freehold has its destination: settings are taken from the
parameters that the table names, as far as the destination has such settings.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from server.containers.gtm.export import Element


class Vendor(Struct, frozen=True, kw_only=True):
    """A partner that GTM knows."""

    title: str
    destination: str
    """The name that the destination has, or will have, with us."""
    settings: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    """Setting of ours → parameter of GTM's; of several templates, those of each."""
    secrets: tuple[str, ...] = ()
    """Those that a tag names although the destination could do with others in their place."""
    params: Mapping[str, str] = field(default_factory=dict)
    """The partner's own field, as the destination's `params` have it → parameter of GTM's."""
    switches: Mapping[str, str] = field(default_factory=dict)
    """Setting of ours that is on or off → parameter of GTM's; off where GTM does not say."""
    chosen: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Setting of ours → parameter of GTM's that is on or off, and what the setting is where on."""
    tables: Mapping[str, str] = field(default_factory=dict)
    """Setting of ours that has names and values → GTM's table of `name` and `value`."""
    only: Mapping[str, str] = field(default_factory=dict)
    """Parameter of GTM's → what it has to be: other tags of the same template do other things."""
    unknown: Mapping[str, str] = field(default_factory=dict)
    """What the destination needs and an export may not say → what stands in its place until
    somebody writes it; the tag comes paused."""
    is_pixel: bool = False
    """Whether its templates have an event's name and fields as ad partners' have."""

    @property
    def used(self) -> frozenset[str]:
        """The parameters of GTM's that are taken over."""
        named = (_several(theirs) for theirs in self.settings.values())
        settings = {one for several in named for one in several}
        chosen = {theirs for theirs, _ in self.chosen.values()}
        plain = (*self.params.values(), *self.switches.values(), *self.tables.values())
        return frozenset(settings | chosen | {*plain, *self.only})

    def text(self, element: Element, setting: str) -> str:
        """What a tag says of a setting of ours; empty: nothing."""
        names = _several(self.settings.get(setting, ""))
        return next((text for name in names if (text := element.text(name))), "")


def _several(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names


_ADS = Vendor(
    title="Google Ads conversion",
    destination="google_data_manager",
    settings={"merchant_id": "awMerchantId", "feed_label": "awFeedCountry"},
    secrets=("service_account",),
    params={
        "conversionValue": "conversionValue",
        "currency": "currencyCode",
        "transactionId": "orderId",
    },
    switches={"send_user_data": "enableEnhancedConversion"},
    unknown={"customer_id": "000-000-0000", "conversion_action_id": "0"},
)
_ADS_UPLOAD = Vendor(
    title="Google Ads offline conversion",
    destination="google_ads",
    settings={
        "customer_id": "opCustomerId",
        "login_customer_id": "customerId",
        "conversion_action_id": "conversionAction",
        "client_id": "clientId",
        "merchant_id": "merchantId",
    },
    secrets=("client_secret", "refresh_token"),
    params={
        "conversionValue": "conversionValue",
        "currencyCode": "currencyCode",
        "orderId": "orderId",
    },
)
_FLOODLIGHT = {
    "advertiser_id": "advertiserId",
    "group_tag": "groupTag",
    "activity_tag": "activityTag",
    "value": "revenue",
    "order_id": "orderId",
}
_META = Vendor(
    title="Meta",
    destination="meta",
    settings={
        "pixel_id": "pixelId",
        "test_event_code": ("testEventCode", "testId"),
        "action_source": "actionSource",
    },
    is_pixel=True,
)
_PINTEREST = Vendor(
    title="Pinterest",
    destination="pinterest",
    settings={"ad_account_id": "advertiserId"},
    unknown={"ad_account_id": "0"},
    is_pixel=True,
)
_LINKEDIN = Vendor(
    title="LinkedIn",
    destination="linkedin",
    settings={"conversion_id": "conversionRuleUrn"},
    unknown={"conversion_id": "0"},
)
_UET = Vendor(
    title="Microsoft UET",
    destination="microsoft_ads",
    settings={"tag_id": "tagId", "event_name": "eventAction"},
    params={"eventCategory": "eventCategory", "eventLabel": "eventLabel"},
    unknown={"tag_id": "0"},
)
VENDORS: Mapping[str, Vendor] = {
    "awct": _ADS,
    "sgtmadsct": _ADS,
    "fls": Vendor(title="Floodlight sales", destination="floodlight", settings=_FLOODLIGHT),
    "flc": Vendor(title="Floodlight counter", destination="floodlight", settings=_FLOODLIGHT),
    "sgtmfls": Vendor(title="Floodlight sales", destination="floodlight", settings=_FLOODLIGHT),
    "sgtmflc": Vendor(title="Floodlight counter", destination="floodlight", settings=_FLOODLIGHT),
    "bzi": _LINKEDIN,
    "baut": _UET,
    "twitter_website_tag": Vendor(
        title="X",
        destination="x",
        settings={"pixel_id": "twitter_pixel_id"},
        secrets=("pixel_token",),
    ),
    "pntr": replace(_PINTEREST, is_pixel=False),
    "crto": Vendor(title="Criteo", destination="criteo"),
    "qpx": Vendor(title="Quora", destination="quora"),
    "asp": Vendor(title="AdRoll", destination="adroll"),
}
TEMPLATES = {
    "google conversion events": replace(_ADS, settings={}, switches={}),
    "gads-offline-conversion": _ADS_UPLOAD,
    "google ads offline conversion": _ADS_UPLOAD,
    "facebook": _META,
    "meta ": _META,
    "tiktok": Vendor(
        title="TikTok",
        destination="tiktok",
        settings={
            "pixel_code": ("pixel_code", "pixelId"),
            "test_event_code": ("testEventCode", "test_event_code"),
        },
        is_pixel=True,
    ),
    "pinterest": _PINTEREST,
    "snap": Vendor(
        title="Snapchat",
        destination="snapchat",
        settings={"pixel_id": ("pixelId", "pixel_id")},
        is_pixel=True,
    ),
    "linkedin": _LINKEDIN,
    "twitter": Vendor(
        title="X",
        destination="x",
        settings={"pixel_id": "pixelId", "event_name": "eventId"},
        secrets=("pixel_token",),
    ),
    "matomo": Vendor(
        title="Matomo",
        destination="matomo",
        settings={"endpoint": "trackingUrl", "site_id": "siteId"},
    ),
    "piano": Vendor(
        title="Piano Analytics",
        destination="piano",
        settings={"endpoint": "collectionDomain", "site_id": "siteId"},
    ),
    "reddit": Vendor(title="Reddit", destination="reddit", settings={"pixel_id": "pixelId"}),
    "microsoft": _UET,
    "klaviyo": Vendor(
        title="Klaviyo",
        destination="klaviyo",
        settings={"event_name": "event"},
        tables={"params": "properties", "profile": "customer_properties"},
    ),
    "amplitude": Vendor(
        title="Amplitude",
        destination="amplitude",
        settings={"api_key": "apiKey", "event_name": "eventType"},
        tables={"params": "eventProperties"},
        only={"type": "track"},
        unknown={"api_key": "0" * 32},
    ),
    "mixpanel": Vendor(
        title="Mixpanel",
        destination="mixpanel",
        settings={"token": "token", "event_name": "trackName"},
        chosen={"endpoint": ("serverEU", "https://api-eu.mixpanel.com")},
        tables={"params": "trackParameters"},
        only={"type": "track"},
    ),
    "hubspot": Vendor(
        title="HubSpot",
        destination="hubspot",
        settings={
            "event_name": "customBehavioralEventEventName",
            "object_id": "customBehavioralEventObjectId",
        },
        tables={"params": "customBehavioralEventParameters"},
        only={"type": "trackCustomBehavioralEvent"},
        unknown={"hub_id": "0"},
    ),
    "conversions api": _META,
}
"""What the name or the gallery's address of a template tells of its partner, the first that fits:
Meta calls its own template no more than `Conversions API Tag`, and others theirs so too."""
NOT_NEEDED = {
    "gclidw": "nothing to import: the collector keeps click ids of the landing page by itself",
    "awud": "nothing to import: hashed user data goes with each conversion",
    "sgtmadscl": "nothing to import: the collector keeps click ids of the landing page by itself",
}
_REMARKETING = "Google takes audiences from its own tag in the browser alone"
REFUSED = {
    "awcc": "it puts another telephone number into the page: paste Google's own tag there",
    "sp": _REMARKETING,
    "sgtmadsremarket": _REMARKETING,
    "ua": "Universal Analytics is gone since 2024",
    "hjtc": "records in the browser: paste its snippet into the page",
}


def vendor(element: Element, templates: list[Element]) -> Vendor | None:
    """The partner of a tag; None: it is not known."""
    if not element.type.startswith("cvt_"):
        return VENDORS.get(element.type)
    template = template_of(element, templates)
    gallery = template.raw.get("galleryReference", {}) if template else {}
    words = [element.name, template.name if template else ""]
    words += [str(word) for word in gallery.values()] if isinstance(gallery, dict) else []
    text = f"{' '.join(words).lower()} "
    return next((found for word, found in TEMPLATES.items() if word in text), None)


def template_of(element: Element, templates: list[Element]) -> Element | None:
    """The custom template whose code a tag would run."""
    rest = element.type.removeprefix("cvt_")
    return next((one for one in templates if rest.endswith(f"_{one.id}")), None)


def refusal(element: Element, templates: list[Element]) -> str:
    """Why a tag of no known partner cannot be imported."""
    if element.type.startswith("cvt_"):
        template = template_of(element, templates)
        named = f" {template.name!r:.60}" if template else ""
        return f"the code of the custom template{named} is not run"
    told = f"no destination is known for GTM's type {element.type!r:.40}"
    return REFUSED.get(element.type, told if element.type else "has no type")
