-- A row is one channel: the orders of the last 30 days whose last touch it was, at most 30 days before.
WITH
    orders AS
    (
        SELECT container_id, visitor_id, occurred_at, currency, ifNull(value, 0) AS worth
        FROM freehold.events
        WHERE name = 'purchase' AND bot = '' AND NOT is_preview AND occurred_at >= today() - 30
            AND visitor_id != toUUID('00000000-0000-0000-0000-000000000000')
    ),
    touches AS
    (
        SELECT container_id, visitor_id, occurred_at, channel
        FROM freehold.events
        WHERE channel != '' AND bot = '' AND NOT is_preview AND occurred_at >= today() - 30 - 30
            AND visitor_id IN (SELECT visitor_id FROM orders)
    )
SELECT
    o.container_id AS container_id,
    if(t.channel = '' OR t.occurred_at < o.occurred_at - INTERVAL 30 DAY, '(none)', t.channel) AS channel,
    count()                        AS orders,
    sumMap(map(o.currency, o.worth)) AS revenue
FROM orders AS o
ASOF LEFT JOIN touches AS t
    ON o.container_id = t.container_id AND o.visitor_id = t.visitor_id AND o.occurred_at >= t.occurred_at
GROUP BY container_id, channel
ORDER BY container_id, orders DESC, channel
