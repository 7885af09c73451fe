CREATE TABLE IF NOT EXISTS freehold.container_drafts {on_cluster}
(
    container_id LowCardinality(String) COMMENT 'The container',
    draft_id     UUID                   COMMENT 'New at each saving',
    saved_at     DateTime64(3, 'UTC')   COMMENT 'When it was saved',
    author       String                 COMMENT 'Who saved it',
    base         UInt32                 COMMENT 'The newest version of the container at that time; 0: none',
    source       String CODEC(ZSTD)     COMMENT 'The container as YAML; empty: there is no draft any more'
)
ENGINE = {engine}
ORDER BY (container_id, saved_at)
TTL toDateTime(saved_at) + toIntervalDay(90)
SETTINGS {durable}
COMMENT 'A row is a draft of a container as it was saved; the latest counts; kept ninety days'
