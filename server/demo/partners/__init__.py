"""The partners that the recorder plays: each file here is one, found because it is here.

`contract.py` says what its `PARTNER` is.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from server.demo.partners.contract import Partner
from server.demo.partners.webhook import PARTNER as WEBHOOK

__all__ = ["PARTNERS", "partner_of"]

_SHARED = ("contract", "values")


def _find() -> Mapping[str, Partner]:
    names = [info.name for info in pkgutil.iter_modules(__path__) if info.name not in _SHARED]
    found = [importlib.import_module(f"{__name__}.{name}").PARTNER for name in names]
    return {partner.name: partner for partner in found}


PARTNERS: Mapping[str, Partner] = _find()


def partner_of(path: str) -> Partner:
    """Whose protocol the path belongs to; a path that nobody claims is a webhook's."""
    others = (one for one in PARTNERS.values() if one is not WEBHOOK)
    return next((one for one in others if one.path.fullmatch(path)), WEBHOOK)
