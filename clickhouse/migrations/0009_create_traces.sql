CREATE TABLE IF NOT EXISTS freehold.traces {on_cluster}
(
    src          UInt64                 COMMENT 'Position: the journal segment',
    off          UInt32                 COMMENT 'Position: the hit in the segment',
    idx          UInt16                 COMMENT 'Position: the event in the hit',
    container_id LowCardinality(String) COMMENT 'The container',
    event_id     UUID                   COMMENT 'The event',
    received_at  DateTime64(3, 'UTC')   COMMENT 'When the collector took it',
    draft_id     UUID                   COMMENT 'The draft that decided; all zeros: the draft was gone, and the live version did',
    is_sent      Bool                   COMMENT 'Whether the preview sends to partners',
    event_name   LowCardinality(String) COMMENT 'Name of the event',
    url          String CODEC(ZSTD)     COMMENT 'The page',
    tags         Array(Tuple(tag String, type String, outcome String, reason String, words Array(String), method String, url String, headers Map(String, String), body String)) CODEC(ZSTD) COMMENT 'What each tag made of it and why, and what its partner would be asked; secrets by name',
    INDEX src_minmax src TYPE minmax GRANULARITY 4
)
ENGINE = {engine}
PARTITION BY toYYYYMMDD(received_at)
ORDER BY (container_id, received_at)
TTL toDateTime(received_at) + toIntervalDay(7)
SETTINGS {durable}, ttl_only_drop_parts = 1
COMMENT 'A row is what a draft made of one event of a preview; kept seven days'
