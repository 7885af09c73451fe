CREATE TABLE IF NOT EXISTS freehold.rejects {on_cluster}
(
    src          UInt64                 COMMENT 'Position: the journal segment',
    off          UInt32                 COMMENT 'Position: the hit in the segment',
    idx          UInt16                 COMMENT 'Position: the event in the hit',
    container_id LowCardinality(String) COMMENT 'The container that it was sent to',
    received_at  DateTime64(3, 'UTC')   COMMENT 'When the collector took it',
    reason       LowCardinality(String) COMMENT 'Why it is not an event',
    detail       String CODEC(ZSTD)     COMMENT 'What was expected and found',
    at           String                 COMMENT 'Where in the body',
    body         String CODEC(ZSTD)     COMMENT 'What was refused, as it was sent',
    INDEX src_minmax src TYPE minmax GRANULARITY 4
)
ENGINE = {engine}
PARTITION BY toYYYYMMDD(received_at)
ORDER BY (container_id, received_at)
TTL toDateTime(received_at) + toIntervalDay(7)
SETTINGS {durable}, ttl_only_drop_parts = 1
COMMENT 'A row is a hit, an event or a row that was accepted at the door and then refused; kept seven days'
