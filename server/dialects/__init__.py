"""Wire protocols in: each turns a hit as it arrived into events, or says why not.

journal ──▶ Hit ──decode──▶ (Event, Person) …  or  Reject …
"""

from __future__ import annotations

from collections.abc import Mapping

from server.dialects import native
from server.dialects.contract import Decode

DIALECTS: Mapping[str, Decode] = {native.NAME: native.decode}
