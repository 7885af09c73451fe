-- A row is one day of a container: hits that came, and about how many were lost on the way.
-- A page numbers its hits, so that gaps are lost ones; what was lost at a page's end shows in the
-- browser's own numbers alone, which go on from page to page while cookies are allowed.
WITH
    hits AS
    (
        SELECT container_id, toDate(received_at) AS day, visitor_id, page_id, page_seq, browser_seq
        FROM freehold.events
        WHERE bot = '' AND page_seq > 0 AND received_at >= today() - 30
    ),
    pages AS
    (
        SELECT
            container_id,
            min(day)                                            AS on_day,
            uniqExact(page_seq)                                 AS came,
            toInt64(max(page_seq)) - came                       AS missing
        FROM hits
        GROUP BY container_id, page_id
    ),
    browsers AS
    (
        SELECT
            container_id,
            day                                                 AS on_day,
            uniqExact(browser_seq)                              AS came,
            toInt64(max(browser_seq) - min(browser_seq)) + 1 - came AS missing
        FROM hits
        WHERE browser_seq > 0
        GROUP BY container_id, visitor_id, day
    ),
    both AS
    (
        SELECT container_id, on_day, came AS in_pages, missing AS lost_in_pages, 0 AS counted, 0 AS lost
        FROM pages
        UNION ALL
        SELECT container_id, on_day, 0, 0, came, missing
        FROM browsers
    )
SELECT
    container_id,
    on_day                                                      AS day,
    sum(in_pages)                                               AS hits,
    sum(lost_in_pages)                                          AS lost_within_pages,
    sum(counted)                                                AS numbered_by_browsers,
    sum(lost)                                                   AS lost_by_browsers,
    round(100 * lost_by_browsers / greatest(numbered_by_browsers + lost_by_browsers, 1), 2) AS lost_percent
FROM both
GROUP BY container_id, day
ORDER BY day DESC, container_id
