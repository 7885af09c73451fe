"""What Klaviyo's answers mean: JSON:API errors, which name the events of a job that are wrong.

A job is taken whole or not at all, so that the others are sent again at once.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec.structs import replace

from server.delivery import Delivered, Mixed, Outcome, Refused, Resend, Response
from server.destinations.contract import document, judge_status

_PLACE = re.compile(r"/data/attributes/events-bulk-create/data/([0-9]{1,4})(?:/.*)?", re.S)


def judge(response: Response) -> Outcome | Mixed:
    """The status, with Klaviyo's code; the events that are named refused, the others again."""
    judged = judge_status(response)
    errors = document(response).get("errors")
    found = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    if isinstance(judged, Delivered) or not found:
        return judged
    code = _text(found[0].get("code"))
    parts: dict[int, Outcome] = {}
    for one in found if response.status == 400 else []:
        source = one.get("source")
        pointer = _PLACE.fullmatch(_text(source.get("pointer") if isinstance(source, dict) else ""))
        if pointer:
            told = Refused("bad_event", _text(one.get("detail")), code=_text(one.get("code")))
            parts.setdefault(int(pointer[1]), told)
    return Mixed(parts, rest=Resend(code=code)) if parts else replace(judged, code=code)


def _text(said: Any) -> str:
    return said[:1000] if isinstance(said, str) else ""
