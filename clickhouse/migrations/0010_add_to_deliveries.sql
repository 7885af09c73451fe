ALTER TABLE freehold.deliveries {on_cluster}
    ADD COLUMN IF NOT EXISTS code           LowCardinality(String)        COMMENT 'The partner''s own code for what it answered; empty: it gave none',
    ADD COLUMN IF NOT EXISTS bytes          UInt32                        COMMENT 'Of the request''s body, this event''s share',
    ADD COLUMN IF NOT EXISTS fields         Array(LowCardinality(String)) COMMENT 'Names of what the partner was told, user_data.em; lists are seen through',
    ADD COLUMN IF NOT EXISTS match_keys     Array(LowCardinality(String)) COMMENT 'By what the partner could recognise the visitor: email, click_id, …',
    ADD COLUMN IF NOT EXISTS body_hash      String CODEC(ZSTD)            COMMENT 'First 32 hexadecimal digits of the SHA-256 of the request''s body; empty: nothing was sent',
    ADD COLUMN IF NOT EXISTS consent        Array(LowCardinality(String)) COMMENT 'Purposes that the tag needs, all granted when it was sent',
    ADD COLUMN IF NOT EXISTS consent_source LowCardinality(String)        COMMENT 'Who said what the visitor consented to, with this event'
