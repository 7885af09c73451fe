CREATE TABLE IF NOT EXISTS freehold.deliveries {on_cluster}
(
    src               UInt64                                    COMMENT 'Position: a run of the forwarder',
    off               UInt32                                    COMMENT 'Position: the attempt in it',
    idx               UInt16                                    COMMENT 'Position: always 0',
    container_id      LowCardinality(String)                    COMMENT 'The container whose tag it is',
    container_version UInt32                                    COMMENT 'Version of the container that decided to send; 0: the file',
    attempted_at      DateTime64(3, 'UTC') CODEC(Delta, ZSTD)   COMMENT 'When it was tried, or given up',
    delivery_id       UUID                                      COMMENT 'One event owed to one tag; the same in each attempt',
    event_id          UUID                                      COMMENT 'The event',
    visitor_id        UUID                                      COMMENT 'The visitor of the event; all zeros: none known',
    tag               LowCardinality(String)                    COMMENT 'The tag',
    destination       LowCardinality(String)                    COMMENT 'Its type: ga4, webhook, …',
    event_name        LowCardinality(String)                    COMMENT 'Name of the event',
    occurred_at       DateTime64(3, 'UTC') CODEC(Delta, ZSTD)   COMMENT 'When the event happened',
    attempt           UInt16                                    COMMENT 'Which attempt, from 1; 0: none was made',
    outcome           LowCardinality(String)                    COMMENT 'delivered · retry: it will be tried again · refused: dead letter · withheld: consent was taken back · expired: too old for the partner · paused: the tag waits for its secret',
    reason            LowCardinality(String)                    COMMENT 'Why, in one word',
    detail            String CODEC(ZSTD)                        COMMENT 'Why, in the partner''s own words or ours; without secrets',
    status            UInt16                                    COMMENT 'HTTP status of the answer; 0: there was none',
    duration_ms       UInt32                                    COMMENT 'Until the answer',
    batch             UInt16                                    COMMENT 'Events in the same request',
    next_at           Nullable(DateTime64(3, 'UTC'))            COMMENT 'When it is tried again, at the earliest',
    INDEX event_id_bloom event_id TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX src_minmax     src      TYPE minmax             GRANULARITY 4
)
ENGINE = {engine}
PARTITION BY toYYYYMM(attempted_at)
ORDER BY (container_id, tag, toDate(attempted_at), outcome, attempted_at)
TTL toDateTime(attempted_at) + {retention}
SETTINGS {durable}
COMMENT 'A row is one attempt to give one event to one tag'
