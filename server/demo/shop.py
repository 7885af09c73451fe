"""The demo shop's pages, rendered once and served from memory at /demo/.

They carry the snippet of the container `demo`, which the policy of each answer lets in by a nonce
of its own, and hardly know of it: cart, orders and consent live in the browser, and shop.js pushes
them into a data layer as any shop does.
"""

from __future__ import annotations

import mimetypes
import secrets
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.demo.catalogue import (
    CATEGORIES,
    FREE_FROM_CENTS,
    PRODUCTS,
    SHIPPING_CENTS,
    SHOP,
    Product,
)
from server.demo.sizes import sizes_pdf

FOLDER = Path(__file__).parent
STATIC = ("shop.css", "shop.js", "sent.js", "consent.js", "icon.svg", "wheel.webm")
RECORDER = "http://127.0.0.1:8002/"
FAVOURITES = ("breakfast-cup", "napkins", "oak-board")
POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
NONCE = "{nonce}"
"""Where a page has the nonce of its answer."""
HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
}


def shop_routes(snippet: str, *, recorder: str = RECORDER) -> list[Route]:
    """A route for each page and file of the shop, whose pages have the tag's `snippet`; `recorder`
    is where the footer's link goes."""
    tag = snippet.replace("<script", f'<script nonce="{NONCE}"', 1)
    return [
        *(_page(path, html) for path, html in _pages(tag, recorder)),
        *(_file(name) for name in STATIC),
        _file("sizes.pdf", _sizes()),
    ]


def money(cents: int) -> str:
    """An amount as the shop writes it: €24.00."""
    return f"€{cents / 100:.2f}"


def _pages(tag: str, recorder: str) -> Iterator[tuple[str, str]]:
    """Path and HTML of every page."""
    environment = _environment(tag, recorder)

    def page(name: str, here: str = "", **values: object) -> str:
        return environment.get_template(f"{name}.html").render(page=name, here=here, **values)

    faces = {shelf.slug: _on(shelf.slug)[0] for shelf in CATEGORIES}
    favourites = [product for product in PRODUCTS if product.slug in FAVOURITES]
    yield "/demo/", page("home", faces=faces, favourites=favourites)
    for shelf in CATEGORIES:
        on_it = _on(shelf.slug)
        yield f"/demo/c/{shelf.slug}", page("category", shelf.slug, shelf=shelf, products=on_it)
    for product in PRODUCTS:
        shelf = next(shelf for shelf in CATEGORIES if shelf.slug == product.category)
        html = page("product", product=product, shelf=shelf, others=_beside(product))
        yield f"/demo/p/{product.slug}", html
    for name in ("search", "cart", "checkout", "thank-you", "delivery", "broken"):
        yield f"/demo/{name}", page(name, here=name)


def _environment(tag: str, recorder: str) -> Environment:
    """The templates, with what every page shows."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "shop": SHOP,
        "categories": CATEGORIES,
        "products": PRODUCTS,
        "tag": tag,
        "recorder": recorder,
        "free_from": FREE_FROM_CENTS,
        "shipping": SHIPPING_CENTS,
        "money": money,
    }
    return environment


def _on(shelf: str) -> list[Product]:
    return [product for product in PRODUCTS if product.category == shelf]


def _beside(product: Product) -> list[Product]:
    """One product of each shelf, beginning with its own, but never itself."""
    at = PRODUCTS.index(product)
    return [PRODUCTS[(at + step) % len(PRODUCTS)] for step in (1, 4, 7)]


def _sizes() -> bytes:
    lines = [f"{product.name}: {dict(product.facts)['Size']}" for product in PRODUCTS]
    return sizes_pdf(f"{SHOP}: sizes", lines)


def _page(path: str, html: str) -> Route:
    async def page(_: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        policy = f"{POLICY}; script-src 'self' 'nonce-{nonce}'"
        headers = {**HEADERS, "Content-Security-Policy": policy}
        return Response(html.replace(NONCE, nonce), media_type="text/html", headers=headers)

    return Route(path, page, methods=["GET"])


def _file(name: str, body: bytes = b"") -> Route:
    """A file of the folder, or one that is made."""
    body = body or (FOLDER / "pages" / name).read_bytes()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"

    async def file(_: Request) -> Response:
        return Response(body, media_type=kind, headers=HEADERS)

    return Route(f"/demo/{name}", file, methods=["GET"])
