"""From the journals to ClickHouse and the partners; one process a node, loops and one state file.

journals ──▶ sorter: decode, enrich, route ──▶ spools ──▶ loader ──▶ ClickHouse
                                                 └─────▶ forwarder ──▶ partners (a spool a tag)
"""
