"""The only socket to partners: a request out, an answer back, both bounded."""

from __future__ import annotations

import asyncio
from types import TracebackType

import aiohttp

from server.delivery import Refused, Request, Response, Retry

CONNECT_S = 3
READ_S = 10
TOTAL_S = 15
MAX_ANSWER_BYTES = 64 * 1024
HEADERS = {"User-Agent": "freehold", "Accept-Encoding": "identity"}


class Partner:
    """`async with Partner() as partner:`, one for all lanes; connections are kept and shared."""

    async def __aenter__(self) -> Partner:
        self._session = aiohttp.ClientSession(
            # Each lane has a few requests at once; waiting for one another would look like a
            # partner that does not answer.
            connector=aiohttp.TCPConnector(limit=0),
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

    async def ask(self, request: Request) -> Response | Retry | Refused:
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
            return Retry("unreachable", str(error.os_error))
        except (aiohttp.ClientError, OSError) as error:
            return Retry("broken_answer", type(error).__name__)
        except ValueError as error:  # a header that HTTP does not allow
            return Refused("bad_request", str(error))


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
