CREATE TABLE IF NOT EXISTS freehold.migrations {on_cluster}
(
    name       String                 COMMENT 'File of the migration, without .sql',
    applied_at DateTime64(3, 'UTC')   COMMENT 'When it was applied'
)
ENGINE = {engine}
ORDER BY name
COMMENT 'A row is a migration that was applied'
