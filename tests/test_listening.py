from __future__ import annotations

import pytest

from server.errors import ConfigError
from server.listening import listen
from server.settings import Address


def test_a_port_that_is_taken_is_told_by_its_setting() -> None:
    with listen(Address("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        with (
            pytest.raises(ConfigError, match=rf"FREEHOLD_LISTEN=127\.0\.0\.1:{port}"),
            listen(Address("127.0.0.1", port)),
        ):
            pass
