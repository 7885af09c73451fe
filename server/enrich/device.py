"""Puts what the visitor holds in hand, in the words of user-agents and ua-parser.

`device_type` is `desktop`, `mobile`, `tablet`, `tv`, `console`, `watch` or empty; versions are
`major.minor`. Chromium has frozen much of its user agent; where client hints came with the hit
they give back what it hides: Windows 11, the version of macOS and Android, the model.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace
from ua_parser import OS, Device, Parser, Result, UserAgent, load_lazy_builtins
from ua_parser.regex import Resolver

from server.enrich.contract import Context, Subject

if TYPE_CHECKING:
    from user_agents import parsers

MAX_CHARS = 1024

_TV = re.compile(
    r"smart-?tv|apple ?tv|google ?tv|android tv|tizen.*\btv\b|web0s|netcast|hbbtv|bravia|roku"
    r"|crkey|\baft[a-z]+\b|vidaa|opera tv|viera|aquos",
    re.I,
)
_CONSOLE = re.compile(r"playstation|xbox|nintendo", re.I)
_WATCH = re.compile(r"\bwatch(?: ?os)?\b|\bsm-r\d{3}", re.I)
_ANDROID = re.compile(r"Android (\d[\d.]*); ([^;()]+)\)")


class Hints(NamedTuple):
    """`Sec-CH-UA-…` headers, without quotes; empty where the browser sent none."""

    platform: str = ""
    platform_version: str = ""
    model: str = ""
    mobile: str = ""


NO_HINTS = Hints()


def put_device(subject: Subject, _: Context) -> Subject:
    """`device_*`, `os*` and `browser*`, for bots too; nothing without a user agent."""
    agent = subject.person.user_agent
    if not agent:
        return subject
    # Headers describe the client that sent the hit, who may be a server relaying a visitor.
    hints = _hints(subject.hit.headers) if agent == subject.hit.user_agent else NO_HINTS
    changes = _describe(agent[:MAX_CHARS], hints)
    return replace(subject, event=replace(subject.event, **changes))


def _hints(headers: dict[str, str]) -> Hints:
    if not headers:
        return NO_HINTS
    told = headers.get
    return Hints(
        told("sec-ch-ua-platform", "").strip('"')[:64],
        told("sec-ch-ua-platform-version", "").strip('"')[:64],
        told("sec-ch-ua-model", "").strip('"')[:64],
        told("sec-ch-ua-mobile", "").strip('"')[:64],
    )


@lru_cache(maxsize=8192)
def _describe(user_agent: str, hints: Hints) -> dict[str, str]:
    """Column → value; the caller must not change it, since the next one gets the same."""
    # Rust has no half of a surrogate pair.
    text = _thawed(user_agent, hints).encode(errors="replace").decode()
    result = _parser().parse(text)
    agent = _user_agent(text, result)
    brand, model = _brand_and_model(result.device)
    os, os_version = _operating_system(agent, hints)
    return {
        "device_type": _device_type(agent, hints),
        "device_brand": brand,
        "device_model": hints.model or model,
        "os": os,
        "os_version": os_version,
        "browser": agent.browser.family if result.user_agent else "",
        "browser_version": _version(agent.browser.version),
    }


def _thawed(user_agent: str, hints: Hints) -> str:
    """An Android user agent as it was before Chrome shortened it (`Android 10; K`): with the model
    and a `Build/`, by which the parser knows most brands."""

    def longer(match: re.Match[str]) -> str:
        version, model = match.groups()
        if hints.model:
            return f"Android {hints.platform_version or version}; {hints.model} Build/0)"
        return match[0] if model == "K" else f"Android {version}; {model} Build/0)"

    return user_agent if " Build/" in user_agent else _ANDROID.sub(longer, user_agent, count=1)


@lru_cache(maxsize=1)
def _parser() -> Parser:
    return Parser(Resolver(load_lazy_builtins()))


def _user_agent(text: str, result: Result) -> parsers.UserAgent:
    """user-agents' judgement on ua-parser's result; its own constructor would parse again, in
    Python, which takes fifteen times as long."""
    from user_agents import parsers  # a quarter of a second, for none but who sorts

    os, browser = result.os or OS(""), result.user_agent or UserAgent("")
    agent = parsers.UserAgent.__new__(parsers.UserAgent)
    agent.ua_string = text
    agent.os = parsers.parse_operating_system(
        os.family, os.major, os.minor, os.patch, os.patch_minor
    )
    agent.browser = parsers.parse_browser(
        browser.family, browser.major, browser.minor, browser.patch, browser.patch_minor
    )
    agent.device = parsers.parse_device(result.device.family if result.device else "", "", "")
    return agent


def _brand_and_model(device: Device | None) -> tuple[str, str]:
    """Without ua-parser's stand-ins: `Generic_Android` and its `K`, `Spider` and its `Desktop`."""
    if device is None or device.brand in {"Generic", "Spider"} or device.model == "K":
        return "", ""
    brand = device.brand or ""
    return "" if brand.startswith("Generic") else brand, device.model or ""


def _device_type(agent: parsers.UserAgent, hints: Hints) -> str:
    for pattern, name in ((_TV, "tv"), (_CONSOLE, "console"), (_WATCH, "watch")):
        if pattern.search(agent.ua_string):
            return name
    if hints.mobile == "?1":
        return "mobile"
    # user-agents takes an Android without `Mobile Safari` for a tablet: applications have none.
    is_browser = agent.ua_string.startswith("Mozilla/")
    is_phone = agent.os.family == "Android" and ("Mobile" in agent.ua_string or not is_browser)
    if agent.is_tablet and not is_phone:
        return "tablet"
    if agent.is_mobile or is_phone:
        return "mobile"
    return "desktop" if agent.is_pc else ""


def _operating_system(agent: parsers.UserAgent, hints: Hints) -> tuple[str, str]:
    family, version = agent.os.family, _version(agent.os.version)
    numbers = hints.platform_version.split(".")
    if not numbers[0].isdecimal() or numbers == ["0"]:
        return family, version
    if hints.platform == "Windows":
        # https://learn.microsoft.com/microsoft-edge/web-platform/how-to-detect-win11
        return family, "11" if int(numbers[0]) >= 13 else "10" if int(numbers[0]) else version
    if hints.platform in {"macOS", "Android"}:
        return family, ".".join(numbers[: 1 if numbers[1:2] == ["0"] else 2])
    return family, version


def _version(numbers: tuple[int | str, ...]) -> str:
    return ".".join(str(number) for number in numbers[:2])
