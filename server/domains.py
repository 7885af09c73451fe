"""The registrable domain of a host: what is the same site, and where a site's cookies live."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tldextract import TLDExtract


@lru_cache(maxsize=8192)
def registrable_domain(host: str) -> str:
    """`example.co.uk` of `www.example.co.uk`; "" of an address, `localhost` or a bare suffix."""
    return _domains()(host).top_domain_under_public_suffix


def is_within(host: str, domain: str) -> bool:
    """Whether a host is the domain, or one of its sub-domains."""
    return f".{host}".endswith(f".{domain}")


@lru_cache(maxsize=1)
def _domains() -> TLDExtract:
    """The list that the library ships: no network, no cache on disk. Private suffixes count, so
    that two shops of one shop host are two sites."""
    # Here and not above: it takes a tenth of a second, and a collector asks for no domain.
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
