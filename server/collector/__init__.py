"""The process that browsers talk to: it captures and answers, nothing else.

    request ──▶ door (origin, size, syntax) ──▶ visitor (cookie) ──▶ Hit ──▶ journal ──▶ 204

It never opens ClickHouse and never waits for anything but its own disk.
"""
