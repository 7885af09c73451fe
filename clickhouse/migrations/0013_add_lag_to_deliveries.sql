ALTER TABLE freehold.deliveries {on_cluster}
    ADD COLUMN IF NOT EXISTS lag_ms Nullable(UInt64) COMMENT 'From the receipt of the event to this; null: it was sent from the past, by a back-fill'
