"""The pipeline as `freehold pipeline` runs it, but its client gives ClickHouse up after argv[1]
seconds: an insert slower than the client is then a matter of seconds."""

from __future__ import annotations

import os
import sys
from functools import partial

from server import pipelining
from server.settings import read_settings
from server.store.client import Connection

if __name__ == "__main__":
    hasty = partial(Connection, timeout_s=int(sys.argv[1]))
    vars(pipelining)["Connection"] = hasty
    sys.exit(not pipelining.run_pipeline(read_settings(os.environ)))
