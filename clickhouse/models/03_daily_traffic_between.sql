-- A row is one day (UTC) of one container and channel: the sessions that began on it, from `first` to
-- `last`. `revenue` is by currency.
CREATE OR REPLACE VIEW freehold.daily_traffic_between {on_cluster} AS
SELECT
    container_id,
    toDate(started_at)                          AS day,
    if(s.channel = '', 'Unassigned', s.channel) AS channel,
    uniqExact(visitor_id)                       AS visitors,
    count()                                     AS sessions,
    countIf(s.events = 1)                       AS bounces,
    sum(s.page_views)                           AS page_views,
    sum(s.purchases)                            AS purchases,
    sumMap(s.revenue)                           AS revenue
FROM freehold.sessions_between(first = {first:Date}, last = {last:Date}) AS s
GROUP BY container_id, day, channel
