CREATE TABLE IF NOT EXISTS freehold.event_context {on_cluster}
(
    event_id     UUID                                COMMENT 'The event',
    src          UInt64                              COMMENT 'Position: the journal segment',
    off          UInt32                              COMMENT 'Position: the hit in the segment',
    idx          UInt16                              COMMENT 'Position: the event in the hit',
    container_id LowCardinality(String)              COMMENT 'The container that it was sent to',
    visitor_id   UUID                                COMMENT 'The visitor',
    received_at  DateTime64(3, 'UTC')                COMMENT 'When the collector took it',
    click_ids    Map(LowCardinality(String), String) COMMENT 'Ad click ids of the landing address, kind → value',
    cookies      Map(LowCardinality(String), String) COMMENT 'Cookies that the container keeps, by name',
    headers      Map(LowCardinality(String), String) COMMENT 'Request headers that the container keeps, by name',
    INDEX src_minmax src TYPE minmax GRANULARITY 4
)
ENGINE = {engine}
PARTITION BY toYYYYMMDD(received_at)
ORDER BY (container_id, event_id)
TTL toDateTime(received_at) + toIntervalDay(30)
SETTINGS {durable}, ttl_only_drop_parts = 1
COMMENT 'A row is what back-fill and simulation need beside an event, kept thirty days where consent allows it'
