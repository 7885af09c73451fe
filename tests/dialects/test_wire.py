from __future__ import annotations

import msgspec

from server.dialects.wire import WireEvent


def test_try_is_the_wire_name_of_resend() -> None:
    assert msgspec.json.decode(b'{"name":"a","try":2}', type=WireEvent).resend == 2
