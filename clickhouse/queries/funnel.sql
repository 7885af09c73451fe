-- A row is one container: visitors of the last 30 days who saw an item, then put one into the cart, then bought.
WITH
    7 * 86400000 AS window_ms,
    visitors AS
    (
        SELECT
            container_id,
            windowFunnel(window_ms)(
                toUInt64(toUnixTimestamp64Milli(occurred_at)),
                name = 'view_item', name = 'add_to_cart', name = 'purchase'
            ) AS steps
        FROM freehold.events
        WHERE name IN ('view_item', 'add_to_cart', 'purchase') AND bot = '' AND NOT is_preview
            AND occurred_at >= today() - 30
            AND visitor_id != toUUID('00000000-0000-0000-0000-000000000000')
        GROUP BY container_id, visitor_id
    )
SELECT
    container_id,
    countIf(steps >= 1)                             AS saw_an_item,
    countIf(steps >= 2)                             AS put_into_cart,
    countIf(steps >= 3)                             AS bought,
    round(100 * bought / greatest(saw_an_item, 1), 1) AS percent
FROM visitors
GROUP BY container_id
ORDER BY container_id
