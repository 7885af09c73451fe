-- A row is one session of the twenty that began last, in the last 30 days: where it came from and what it brought.
SELECT
    container_id,
    formatDateTime(started_at, '%Y-%m-%d %H:%i')             AS started,
    leftPad(toString(intDiv(duration_s, 60)), 3, ' ')
        || ':' || leftPad(toString(duration_s % 60), 2, '0') AS minutes,
    if(channel = '', 'Unassigned', channel)                  AS channel,
    channel_source                                           AS source,
    campaign_name                                            AS campaign,
    landing_path,
    exit_path,
    page_views,
    events,
    purchases,
    revenue,
    device_type                                              AS device,
    substring(toString(visitor_id), 1, 8)                    AS visitor
FROM freehold.sessions_between(first = today() - 30, last = today() + 1)
ORDER BY started_at DESC, visitor_id
LIMIT 20
