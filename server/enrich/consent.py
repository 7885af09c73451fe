"""Puts the consent that counts: whose word the container believes, and what counts without one.

    declared by a source that counts     as it is
    granted by another one               taken away
    not answered                         what the visitor's region grants by default, if anything
    asked for by Global Privacy Control  denied: the ad purposes, whatever the page says

A refusal counts whoever told of it. A default never refuses: what is not granted is not sent, and a
refusal that nobody spoke would stop what is still on its way.
"""

from __future__ import annotations

from msgspec.structs import replace

from server.containers.model import Consent
from server.enrich.contract import Context, Subject
from server.model import Event

DEFAULT = "default"
"""The source of a consent of which the page said nothing."""
GPC = "gpc"
"""The same, when the browser said something."""
OPPOSED = {"ad_storage": "denied", "ad_user_data": "denied", "ad_personalization": "denied"}
"""What Global Privacy Control (`Sec-GPC: 1`) objects to: selling, sharing and targeting."""


def put_consent(subject: Subject, context: Context) -> Subject:
    """The consent as the container's tags are decided by it."""
    rules = context.container.consent
    opposed = OPPOSED if rules.gpc and subject.hit.headers.get("sec-gpc") == "1" else {}
    if not rules.sources and not rules.defaults and not opposed:
        return subject
    event = subject.event
    is_believed = _is_believed(event.consent_source, rules.sources)
    consent = {
        purpose: answer
        for purpose, answer in event.consent.items()
        if is_believed or answer == "denied"
    }
    granted = _granted(event, rules)
    consent |= {
        purpose: "granted" for purpose in granted if consent.get(purpose, "unset") == "unset"
    }
    consent |= opposed
    if consent == event.consent:
        return subject
    source = event.consent_source or (GPC if opposed and not granted else DEFAULT)
    return replace(subject, event=replace(event, consent=consent, consent_source=source))


def _is_believed(source: str, sources: list[str]) -> bool:
    """`tcf` stands for each of its platforms too: `tcf:31`."""
    return not sources or source in sources or source.partition(":")[0] in sources


def _granted(event: Event, rules: Consent) -> list[str]:
    """What is granted by default where the visitor is: the narrowest region that is named."""
    region = f"{event.country}-{event.region}" if event.country and event.region else ""
    granted: dict[str, tuple[int, bool]] = {}
    for default in rules.defaults:
        narrowness = _narrowness(default.regions, event.country, region)
        for purpose, answer in default.purposes.items():
            if narrowness > granted.get(purpose, (-1, False))[0]:
                granted[str(purpose)] = (narrowness, answer == "granted")
    return [purpose for purpose, (_, is_granted) in granted.items() if is_granted]


def _narrowness(regions: list[str], country: str, region: str) -> int:
    """0: everywhere; 1: the country; 2: the region; -1: elsewhere."""
    if region and region in regions:
        return 2
    if country and country in regions:
        return 1
    return -1 if regions else 0
