-- A row is one channel of one container: the sessions that came by it in the last 30 days.
SELECT
    container_id,
    channel,
    sum(t.sessions)                                  AS sessions,
    round(100 * sum(t.bounces) / sum(t.sessions), 1) AS bounces_percent,
    sum(t.page_views)                                AS page_views,
    sum(t.purchases)                                 AS purchases,
    sumMap(t.revenue)                                AS revenue
FROM freehold.daily_traffic_between(first = today() - 30, last = today() + 1) AS t
GROUP BY container_id, channel
ORDER BY container_id, sessions DESC, channel
