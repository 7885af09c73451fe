CREATE TABLE IF NOT EXISTS freehold.container_versions {on_cluster}
(
    container_id LowCardinality(String) COMMENT 'The container',
    version      UInt32                 COMMENT 'Number of the version: 1, 2, …',
    environment  LowCardinality(String) COMMENT 'Where it runs: live, or staging (as the container <id>-staging)',
    publication  UUID                   COMMENT 'Drawn by who published; of two rows with one number the earlier counts',
    published_at DateTime64(3, 'UTC')   COMMENT 'When it was published',
    author       String                 COMMENT 'Who published it',
    note         String                 COMMENT 'What they say of it',
    restores     UInt32                 COMMENT 'The older version that it brings back; 0: none',
    source       String CODEC(ZSTD)     COMMENT 'The container as YAML'
)
ENGINE = {engine}
ORDER BY (container_id, version)
SETTINGS {durable}
COMMENT 'A row is a version of a container; the newest of an environment runs there'
