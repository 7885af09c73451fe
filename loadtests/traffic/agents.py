"""Browsers as they are about: a few that everybody has, and a long tail of phones and apps."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate

from msgspec import Struct

_CHROME = "Mozilla/5.0 ({os}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0"
_WINDOWS, _MAC = "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7"
_IOS = "Mozilla/5.0 (iPhone; CPU iPhone OS {os} like Mac OS X) AppleWebKit/605.1.15"
_PHONES = ("SM-A546B", "SM-S918B", "Pixel 8", "2201117TG", "M2101K6G", "CPH2305", "moto g54")
_BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; "
    "+https://openai.com/gptbot)",
)


class Agent(Struct, frozen=True, kw_only=True):
    """A browser: its user agent, and the client hints that it sends of itself."""

    user_agent: str
    hints: dict[str, str]


class Agents:
    """All browsers, and which of them comes how often."""

    def __init__(self) -> None:
        weighted = list(_agents())
        self._agents = [agent for agent, _ in weighted]
        self._sums = list(accumulate(weight for _, weight in weighted))

    def of(self, chance: random.Random) -> Agent:
        """One of them."""
        return chance.choices(self._agents, cum_weights=self._sums)[0]


def _agents() -> Iterator[tuple[Agent, float]]:
    for version in range(128, 141):
        share = 2.0 if version >= 138 else 0.1
        for os, platform, weight in ((_WINDOWS, "Windows", 9), (_MAC, "macOS", 4)):
            text = _CHROME.format(os=os, v=version) + " Safari/537.36"
            yield _chromium(text, version, platform, mobile=False), share * weight
            yield _chromium(f"{text} Edg/{version}.0.0.0", version, platform, mobile=False), share
        phone = _CHROME.format(os="Linux; Android 10; K", v=version) + " Mobile Safari/537.36"
        yield _chromium(phone, version, "Android", mobile=True), share * 16
    for major in range(15, 19):
        for minor in range(8):
            text = f"{_IOS.format(os=f'{major}_{minor}')} (KHTML, like Gecko) "
            text += f"Version/{major}.{minor} Mobile/15E148 Safari/604.1"
            yield Agent(user_agent=text, hints={}), 0.5 * (major - 14) ** 2
    for version in range(115, 143):
        text = f"Mozilla/5.0 ({_WINDOWS}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
        yield Agent(user_agent=text, hints={}), 0.3
    for text in _BOTS:
        yield Agent(user_agent=text, hints={}), 1.0
    yield from _apps()


def _apps() -> Iterator[tuple[Agent, float]]:
    """Links opened inside applications: every phone with every version is another text."""
    for number in range(1600):
        phone = _PHONES[number % len(_PHONES)]
        build, app = 230_000 + number * 37 % 997, 440 + number % 60
        text = f"Mozilla/5.0 (Linux; Android {11 + number % 4}; {phone} Build/TP1A.{build}; wv) "
        text += f"AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/{120 + number % 20}"
        text += f".0.6099.{number % 230} Mobile Safari/537.36 [FBAN/FB4A;FBAV/{app}.0.0.{number};]"
        yield Agent(user_agent=text, hints={}), 0.02


def _chromium(text: str, version: int, platform: str, *, mobile: bool) -> Agent:
    hints = {
        "sec-ch-ua": f'"Chromium";v="{version}", "Not=A?Brand";v="24"',
        "sec-ch-ua-mobile": "?1" if mobile else "?0",
        "sec-ch-ua-platform": f'"{platform}"',
    }
    return Agent(user_agent=text, hints=hints)
