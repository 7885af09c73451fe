ALTER TABLE freehold.event_context {on_cluster}
    ADD COLUMN IF NOT EXISTS clicked_at Map(LowCardinality(String), Int64) COMMENT 'When those ads were clicked, kind → ms UTC',
    COMMENT COLUMN IF EXISTS click_ids 'Ad click ids, kind → value: of the landing address, and of earlier ones of the same visitor'
