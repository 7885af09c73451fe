"""The demo's pages, served from memory at /demo/; they carry the tag of the container `demo`."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = Path(__file__).parent / "demo"
_POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
}


def demo_routes() -> Iterator[Route]:
    """A route for each file of the folder; `index.html` is the folder itself."""
    for file in sorted(FOLDER.iterdir()):
        if file.is_file():
            path = "/demo/" if file.name == "index.html" else f"/demo/{file.name}"
            yield _page(path, file)


def _page(path: str, file: Path) -> Route:
    body = file.read_bytes()
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"

    async def page(_: Request) -> Response:
        return Response(body, media_type=kind, headers=_HEADERS)

    return Route(path, page, methods=["GET"])
