"""What is still held of what came with an event, and what is not: whoever looks at that is noted.

kept beside the event for thirty days, where consent allowed    cookies, click ids, some headers
the container of that time did not ask for it                   not held
ip, user agent, e-mail, phone, name, address                    never held
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from server.clock import DAY_MS
from server.containers.cookies import cookies_read
from server.containers.model import Container, CookieMode, TagTypes
from server.containers.scope import Beside
from server.model import CONTEXT_HEADERS, NO_VISITOR, Event, EventContext, Person

KEPT_MS = 30 * DAY_MS
STAND_IN = "stand-in"
_FORMS = {
    "_ga_": "GS2.1.s1700000000$o1$g1$t1700000000",
    "_ga": "GA1.1.1234567890.1700000000",
    "_fb": "fb.1.1700000000000.1234567890",
    "_gcl_": "GCL.1700000000.stand-in",
    "FPGCL": "GCL.1700000000.stand-in",
}
"""Well-formed values of cookies, by how their names begin: another one would not be looked at."""
STAND_INS: Mapping[str, Person] = {
    "the address of the visitor (ip)": Person(ip="203.0.113.9"),
    "the user agent": Person(user_agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"),
    "the e-mail": Person(email="someone@example.com"),
    "the phone": Person(phone="+33612345678", country="FR"),
    "name and postal address": Person(
        first_name="Jo",
        last_name="Doe",
        street="1 Main Street",
        city="Paris",
        region="IDF",
        postcode="75001",
        country="FR",
    ),
}
"""What is never held of a person, and values that stand in for it."""
_SCALARS = tuple(name for name, kind in Person.__annotations__.items() if kind == "str")


class Keeping(Struct, frozen=True, kw_only=True):
    """What a version of the container kept with its hits."""

    cookies: frozenset[str]
    is_always: bool = False
    """Whether it asks for no consent."""


def keeping(container: Container, types: TagTypes) -> Keeping:
    """What a container keeps."""
    read = cookies_read(container, types)
    return Keeping(
        cookies=frozenset((*container.keep_cookies, *read)),
        is_always=container.cookie.mode is CookieMode.ALWAYS,
    )


class Noted(Mapping[str, str]):
    """What is known by name; who asks for what is not held is noted in `doubts`."""

    def __init__(self, known: Mapping[str, str], is_held: Callable[[str], bool], what: str) -> None:
        self.doubts: set[str] = set()
        self.stands_in = False
        """Whether what is not held has some value, and not none."""
        self._known = known
        self._is_held = is_held
        self._what = what

    def __getitem__(self, name: str) -> str:
        if name in self._known:
            return self._known[name]
        if not self._is_held(name):
            self.doubts.add(f"the {self._what} {name}")
            if self.stands_in:
                return next((v for k, v in _FORMS.items() if name.startswith(k)), STAND_IN)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


class Held(Struct, frozen=True, kw_only=True):
    """What is held beside one event."""

    cookies: Noted
    headers: Noted
    click_ids: Noted
    clicked_at: dict[str, int]

    @property
    def beside(self) -> Beside:
        """What the container's variables look at."""
        return Beside(cookies=self.cookies, headers=self.headers)

    @property
    def person(self) -> Person:
        """What the destination looks at."""
        # Structs do not check their types, and destinations only read.
        return Person(
            cookies=self.cookies,  # type: ignore[arg-type]
            click_ids=self.click_ids,  # type: ignore[arg-type]
            clicked_at=self.clicked_at,
        )

    def drain(self) -> set[str]:
        """What was asked for and is not held, since the last time."""
        parts = (self.cookies, self.headers, self.click_ids)
        found = set().union(*(part.doubts for part in parts))
        for part in parts:
            part.doubts.clear()
        return found

    def stand_in(self, *, is_on: bool) -> None:
        """Whether what is not held is some value from now on, or none."""
        for part in (self.cookies, self.headers, self.click_ids):
            part.stands_in = is_on


def held(event: Event, context: EventContext | None, kept: Keeping | None, *, now: int) -> Held:
    """What is held; `kept` is what the version that handled the event kept, None: not known."""
    answer = event.consent.get("ad_storage")
    is_allowed = answer == "granted" or (answer != "denied" and kept and kept.is_always)
    is_whole = context is not None or (is_allowed and event.received_at > now - KEPT_MS)
    names = kept.cookies if kept is not None and is_whole else frozenset()
    nobody = event.visitor_id == NO_VISITOR  # no cookie is kept of who may not be recognised
    had_ids = context is None and (bool(event.click_ids) or _may_have_carried(event, kept, now))
    return Held(
        cookies=Noted(
            context.cookies if context else {}, lambda name: nobody or name in names, "cookie"
        ),
        headers=Noted(
            context.headers if context else {},
            lambda name: context is not None and name in CONTEXT_HEADERS,
            "header",
        ),
        click_ids=Noted(context.click_ids if context else {}, lambda _: not had_ids, "click id"),
        clicked_at=context.clicked_at if context else {},
    )


def _may_have_carried(event: Event, kept: Keeping | None, now: int) -> bool:
    """Whether it may have had a click id of an earlier landing, which is not kept any more."""
    if event.visitor_id == NO_VISITOR or event.bot or event.received_at > now - KEPT_MS:
        return False
    answer = event.consent.get("ad_storage")
    return answer == "granted" or (answer != "denied" and (kept is None or kept.is_always))


def persons(known: Person) -> Iterator[tuple[str, Person]]:
    """The person with something of what is never held, each in turn."""
    for what, given in _GIVEN.items():
        yield what, replace(known, **given)


def whole_person(known: Person) -> Person:
    """The person with something of all that is never held."""
    return replace(known, **_WHOLE)


def _given(stand_in: Person) -> dict[str, str]:
    return {name: text for name in _SCALARS if (text := getattr(stand_in, name))}


_GIVEN = {what: _given(stand_in) for what, stand_in in STAND_INS.items()}
_WHOLE = {name: text for given in _GIVEN.values() for name, text in given.items()}
