"""The only socket to partners: a request out, an answer back, both bounded.

A host is looked up once for a connection, each of its addresses is judged (`reach.py`), and the
connection goes to one that was: what the name server says later changes nothing.
"""

from __future__ import annotations

import asyncio
import socket
from types import TracebackType

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from server.delivery import Denied, Refused, Request, Response, Retry
from server.pipeline.forwarder.reach import Reach

CONNECT_S = 3
READ_S = 10
TOTAL_S = 15
NAMES_KEPT_S = 10
MAX_ANSWER_BYTES = 64 * 1024
HEADERS = {"User-Agent": "freehold", "Accept-Encoding": "identity"}


Answer = Response | Retry | Refused | Denied
"""What a partner said, or why it said nothing."""


class PrivateAddress(OSError):
    """Where a request would have gone is not on the internet, nor allowed."""


class Partner:
    """`async with Partner(reach) as partner:`, one for all lanes; connections are kept and shared.
    `names` looks hosts up; left out, the system does."""

    def __init__(self, reach: Reach, *, names: AbstractResolver | None = None) -> None:
        self._reach = reach
        self._names = names

    async def __aenter__(self) -> Partner:
        names = self._names or aiohttp.ThreadedResolver()
        self._session = aiohttp.ClientSession(
            # Each lane has a few requests at once; waiting for one another would look like a
            # partner that does not answer.
            connector=aiohttp.TCPConnector(
                limit=0,
                resolver=_Judged(names, self._reach),
                socket_factory=self._socket,
                ttl_dns_cache=NAMES_KEPT_S,
            ),
            timeout=aiohttp.ClientTimeout(
                total=TOTAL_S, connect=None, sock_connect=CONNECT_S, sock_read=READ_S
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers=HEADERS,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def ask(self, request: Request) -> Answer:
        """The answer, its body cut at 64 KiB, redirects not followed; else why there is none."""
        try:
            async with self._session.request(
                request.method,
                request.url,
                data=request.body,
                headers=request.headers,
                allow_redirects=False,
            ) as answer:
                body = await _read(answer)
                headers = {name.lower(): _readable(text) for name, text in answer.headers.items()}
                return Response(status=answer.status, headers=headers, body=body)
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            return Refused("bad_url", type(error).__name__)
        except TimeoutError:
            return Retry("timeout", f"no whole answer within {TOTAL_S} s")
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, PrivateAddress):
                return Denied("private_address", str(error.os_error))
            return Retry("unreachable", str(error.os_error))
        except (aiohttp.ClientError, OSError) as error:
            return Retry("broken_answer", type(error).__name__)
        except ValueError as error:  # a header that HTTP does not allow
            return Refused("bad_request", str(error))

    def _socket(self, place: aiohttp.AddrInfoType) -> socket.socket:
        """The last look, and the only one at an address that needed no name server."""
        family, kind, protocol, _, (host, port, *_) = place
        if self._reach.refuses(host, port):
            raise PrivateAddress(_told(host, host))
        return socket.socket(family, kind, protocol)


class _Judged(AbstractResolver):
    """Looks a host up, and keeps to addresses that may be asked."""

    def __init__(self, names: AbstractResolver, reach: Reach) -> None:
        self._names = names
        self._reach = reach

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._names.resolve(host, port, family)
        open_ = [one for one in found if not self._reach.refuses(one["host"], one["port"])]
        if found and not open_:
            raise PrivateAddress(_told(host, found[0]["host"]))
        return open_

    async def close(self) -> None:
        await self._names.close()


def _told(host: str, address: str) -> str:
    at = "" if host == address else f" is at {address}, which"
    return f"{host}{at} is no address of the internet; FREEHOLD_PARTNER_NETWORKS can allow it"


def _readable(text: str) -> str:
    """A header as text that can be stored, whatever bytes were in it."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """What we look at of a body; of a longer one the connection is given up."""
    body = b""
    async with asyncio.timeout(READ_S):
        while len(body) < MAX_ANSWER_BYTES:
            piece = await answer.content.read(MAX_ANSWER_BYTES - len(body))
            if not piece:
                return body
            body += piece
    answer.close()
    return body
