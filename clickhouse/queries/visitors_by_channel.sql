-- A row is one day and channel: how many known visitors came by it, of the last 30 days.
SELECT
    container_id,
    toDate(occurred_at)    AS day,
    channel,
    uniqExact(visitor_id)  AS visitors
FROM freehold.events
WHERE channel != '' AND bot = '' AND NOT is_preview AND occurred_at >= today() - 30
    AND visitor_id != toUUID('00000000-0000-0000-0000-000000000000')
GROUP BY container_id, day, channel
ORDER BY container_id, day DESC, visitors DESC, channel
