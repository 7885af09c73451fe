"""The embedded ClickHouse: chDB in one process behind the ClickHouse HTTP protocol."""
