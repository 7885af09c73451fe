-- A row is one page: how often people saw it in the last 30 days, and by how many known visitors.
SELECT
    container_id,
    host,
    path,
    count()                                             AS views,
    uniqExactIf(visitor_id, toUInt128(visitor_id) != 0) AS visitors,
    countIf(channel != '')                              AS landings,
    any(title)                                          AS title
FROM freehold.events
WHERE name = 'page_view' AND bot = '' AND NOT is_preview AND occurred_at >= today() - 30
GROUP BY container_id, host, path
ORDER BY views DESC, path
LIMIT 20
