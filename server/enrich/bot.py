"""Tells automated clients from people; they are kept and marked, never dropped.

A user agent is a claim: who hides is not found here. An empty one says nothing, since servers
forward events of people without it. The patterns are run by ua-parser's Rust engine, which takes
some 10 µs for the whole list where `re` takes 280; a user agent seen before costs a look-up.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from ua_parser import Domain, UserAgent
from ua_parser.core import Matcher
from ua_parser.lazy import UserAgentMatcher
from ua_parser.regex import Resolver

from server.enrich.contract import Context, Subject
from server.enrich.tables.bots import FALLBACKS, PATTERNS, PEOPLE, TAGS, BotKind

MAX_CHARS = 1024


def put_bot(subject: Subject, _: Context) -> Subject:
    """`bot` (a `BotKind`) and `bot_name`; both stay empty for a person."""
    agent = subject.person.user_agent
    kind, name = _identify(agent[:MAX_CHARS]) if agent else ("", "")
    # Headers describe the client that sent the hit, who may be a server relaying a visitor.
    if not kind and subject.hit.headers and agent == subject.hit.user_agent:
        kind, name = _identify_by_headers(subject.hit.headers)
    if not kind:
        return subject
    return replace(subject, event=replace(subject.event, bot=kind, bot_name=name))


def _identify_by_headers(headers: dict[str, str]) -> tuple[str, str]:
    """`Signature-Agent` is the name that agents sign their requests with (Web Bot Auth); brands in
    `Sec-CH-UA` still say headless when the user agent was changed. Neither is verified."""
    signer = headers.get("signature-agent", "").strip('" ')
    if signer:
        return BotKind.AI_AGENT.value, signer.partition("://")[2].strip("/")[:64] or signer[:64]
    if "Headless" in headers.get("sec-ch-ua", ""):
        return BotKind.HEADLESS.value, "HeadlessChrome"
    return "", ""


@lru_cache(maxsize=8192)
def _identify(user_agent: str) -> tuple[str, str]:
    text = user_agent.encode(errors="replace").decode()  # Rust has no half of a surrogate pair
    found = _resolver()(text, Domain.USER_AGENT).user_agent
    return (found.major or "", found.family.strip(" /;(")) if found else ("", "")


@lru_cache(maxsize=1)
def _resolver() -> Resolver:
    """Every pattern as a matcher whose family is the bot's name and whose version is its kind."""
    listed = [
        (f"({crawler.pattern})", _kind(crawler.tags), "$1")
        for crawler in _listed()
        if crawler.pattern not in PEOPLE
    ]
    matchers: list[Matcher[UserAgent]] = [
        UserAgentMatcher(pattern, name, kind.value)
        for pattern, kind, name in (*PATTERNS, *listed, *FALLBACKS)
    ]
    return Resolver((matchers, [], []))


class _Crawler(Struct, frozen=True):
    """One entry of the common list; its other keys are for readers."""

    pattern: str
    tags: list[str] = []


def _listed() -> list[_Crawler]:
    data = files("crawleruseragents").joinpath("crawler-user-agents.json").read_bytes()
    return msgspec.json.decode(data, type=list[_Crawler])


def _kind(tags: list[str]) -> BotKind:
    first = "ai-crawler" if "ai-crawler" in tags else next(iter(tags), "")
    return TAGS.get(first, BotKind.CRAWLER)
