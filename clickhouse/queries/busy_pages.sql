-- A row is one event name and address where a page view had a hundred of it or more: something may go round.
SELECT
    container_id,
    name,
    host,
    path,
    count()    AS page_views,
    max(times) AS most
FROM
(
    SELECT container_id, page_id, name, any(host) AS host, any(path) AS path, count() AS times
    FROM freehold.events
    WHERE page_id != 0 AND bot = '' AND received_at >= today() - 7
    GROUP BY container_id, page_id, name
    HAVING times >= 100
)
GROUP BY container_id, name, host, path
ORDER BY page_views DESC, most DESC, container_id, name, path
LIMIT 20
