"""A container's own paths as plain ASGI, in front of the application that has the other pages.

POST /{container}/hit      JSON in, 204 once the disk has it     OPTIONS: the CORS preflight
GET  /{container}/hit.gif  the same by query string, for mail and noscript, or a hit in it
GET  /{container}/tag.js   the tag, from memory
POST /{container}/link     what a link to another site of the brand takes along
GET  /{container}/preview  begins the preview of a draft in this browser, or ends it

A container may give them other names.

It is the reference: `hit_protocol` answers hits sooner, and has to answer the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.types import ASGIApp, Receive, Scope, Send

from server.collector import answers, cookies, door, image, links, previews, tag
from server.collector.answers import Answer
from server.collector.asked import Asked, first_of
from server.collector.collector import Collector
from server.collector.hits import Arrival
from server.collector.site import Site
from server.envelope import seal
from server.errors import BadHit, JournalUnwritable
from server.studio.preview import PATH

BODY_TIMEOUT_S = 10
MAX_LEFT_BYTES = 4 * 1024 * 1024
LEFT_TIMEOUT_S = 2
"""What is still taken, and kept nowhere, of a body that is too large."""

Method = Callable[[Asked, Site, Receive], Awaitable[Answer]]


class ContainerPaths:
    """The ASGI application of every container's paths; `rest` has all others."""

    def __init__(self, collector: Collector, rest: ASGIApp) -> None:
        self._collector = collector
        self._rest = rest
        self._leaves: dict[str, dict[str, Method]] = {
            "hit": {"POST": self._hit, "OPTIONS": self._preflight},
            "hit.gif": {"GET": self._pixel, "HEAD": self._pixel},
            "tag.js": {"GET": self._tag, "HEAD": self._tag},
            "link": {"POST": self._link},
            PATH: {"GET": self._preview},
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            place, _, leaf = scope["path"].rpartition("/")
            site = self._collector.sites.get(place[1:])
            methods = self._leaves.get(leaf if site is None else site.leaves.get(leaf, ""))
            if methods is not None and place.count("/") == 1:
                await _send(await self._answer(place[1:], methods, scope, receive), send)
                return
        await self._rest(scope, receive, send)

    async def _answer(
        self, container: str, methods: dict[str, Method], scope: Scope, receive: Receive
    ) -> Answer:
        """Whatever is refused becomes an answer, with CORS when the origin may know."""
        asked = _asked(scope)
        try:
            door.check_headers(asked.headers)
            method = methods.get(scope["method"])
            if method is None:
                detail = f"{scope['method']} is not answered here"
                raise BadHit(405, "method", detail, at="method")
            answer = await method(asked, self._collector.site(container), receive)
        except (BadHit, JournalUnwritable) as error:
            answer = self._collector.refuse(error)
            if answer.status == 405:
                answer = answer.more(b"allow: %b\r\n" % ", ".join(methods).encode())
        closing = answers.CLOSE if answer.status in answers.CLOSING else b""
        return answer.more(closing, answers.cors(asked, self._collector.sites.get(container)))

    async def _hit(self, asked: Asked, site: Site, receive: Receive) -> Answer:
        body = await _read_body(asked, receive)
        arrival = self._collector.accept(asked, body, site)
        return await self._store(arrival, answers.STORED)

    async def _pixel(self, asked: Asked, site: Site, _: Receive) -> Answer:
        try:
            arrival = self._collector.accept_image(asked, site)
        except BadHit as error:
            if image.unwrap(asked)[1] is None:
                raise
            return answers.shown(self._collector.refuse(error))
        return await self._store(arrival, answers.STORED_PIXEL)

    async def _store(self, arrival: Arrival, answer: Answer) -> Answer:
        """Returns when the disk has the hit."""
        await self._collector.journal.append(seal(arrival.hit))
        return answers.stored(arrival, answer).more(answers.cookie(arrival))

    async def _preflight(self, asked: Asked, site: Site, _: Receive) -> Answer:
        door.check_origin(asked, site)
        return answers.PREFLIGHT

    async def _tag(self, asked: Asked, site: Site, _: Receive) -> Answer:
        preview = cookies.preview_of(asked.text(b"cookie"), site, self._collector.now())
        if preview is not None and site.draft is not None:
            return tag.serve(site.draft.script, asked, head=tag.PRIVATE)
        return tag.serve(site.script, asked)

    async def _link(self, asked: Asked, site: Site, _: Receive) -> Answer:
        return links.answer(asked, site, self._collector.now())

    async def _preview(self, asked: Asked, site: Site, _: Receive) -> Answer:
        door.check_query(asked.query)
        return previews.answer(asked, site, self._collector.now())


def _asked(scope: Scope) -> Asked:
    headers = list(scope["headers"])
    client = scope.get("client")
    return Asked(
        headers=headers,
        fields=first_of(headers),
        query=scope["query_string"],
        peer=client[0] if client else "",
        is_post=scope["method"] == "POST",
    )


async def _read_body(asked: Asked, receive: Receive) -> bytes:
    """The body within its bounds of size and time; raises BadHit."""
    announced = asked.text(b"content-length")
    if announced.isdecimal() and int(announced) > door.MAX_BODY_BYTES:
        if not asked.text(b"expect"):  # who asks first has sent nothing yet
            await _take_rest(receive)
        raise door.too_large()
    body = b""
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    detail = "the client went away before the body was whole"
                    raise BadHit(400, "cut_off", detail)
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > door.MAX_BODY_BYTES:
                    if more:
                        await _take_rest(receive)
                    raise door.too_large()
    except TimeoutError as error:
        raise BadHit(408, "slow_body", f"not whole after {BODY_TIMEOUT_S} s") from error
    return body


async def _take_rest(receive: Receive) -> None:
    """Lets a client come to its end, within bounds: a proxy whose connection is closed while it
    still sends says 502 to whoever sent too much, not what we answered."""
    taken, more = 0, True
    with suppress(TimeoutError):
        async with asyncio.timeout(LEFT_TIMEOUT_S):
            while more and taken < MAX_LEFT_BYTES:
                message = await receive()
                taken += len(message.get("body", b""))
                more = message.get("more_body", False)


async def _send(answer: Answer, send: Send) -> None:
    headers = answer.to_asgi()
    if answer.status not in answers.BODILESS:
        headers.append((b"content-length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
