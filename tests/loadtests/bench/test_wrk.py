from __future__ import annotations

import pytest

from loadtests.bench.wrk import parse

REPORT = """Running 1s test @ http://127.0.0.1:1/shop/hit
  1 threads and 64 connections
  Latency Distribution
     50%  950.00us
     75%    6.64ms
     90%   10.56ms
     99%    1.02s
  44727 requests in 4.02s, 12.50MB read
  Socket errors: connect 0, read 1, write 0, timeout 2
  Non-2xx or 3xx responses: 7
Requests/sec:  11128.79
"""


def test_a_report_is_read_in_milliseconds_and_what_failed_is_no_answer() -> None:
    found = parse(REPORT)
    assert (found.p50_ms, found.p90_ms, found.p99_ms) == pytest.approx((0.95, 10.56, 1020))
    assert (found.hits_s, found.answered, found.failed) == (11128.79, 44720, 10)
