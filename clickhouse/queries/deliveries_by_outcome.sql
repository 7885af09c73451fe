-- A row is one way in which sending to a partner ended in the last 7 days, and why.
SELECT
    container_id,
    tag,
    destination,
    outcome,
    reason,
    count()                                      AS attempts,
    uniqExact(event_id)                          AS events,
    round(avgIfOrNull(duration_ms, attempt > 0)) AS average_ms,
    max(attempted_at)                            AS last_at
FROM freehold.deliveries
WHERE attempted_at >= now() - INTERVAL 7 DAY
GROUP BY container_id, tag, destination, outcome, reason
ORDER BY container_id, tag, attempts DESC, outcome, reason
