"""ClickHouse, reached one way: its HTTP protocol, through clickhouse-connect.

loader, sorter, `freehold query` ──▶ client ──HTTP──▶ a ClickHouse server or cluster
                                               └────▶ embedded (`freehold store`)
"""
