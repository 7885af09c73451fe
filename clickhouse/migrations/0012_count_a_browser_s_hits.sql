ALTER TABLE freehold.events {on_cluster}
    ADD COLUMN IF NOT EXISTS browser_seq UInt32 CODEC(T64, ZSTD(3)) COMMENT 'Which hit of the browser, from 1, while cookies were allowed; gaps are lost hits; 0: not counted' AFTER page_seq
