-- A row is one tag and event name of the last 7 days: by whose ids the partner can tell a pixel's copy.
WITH
    taken AS
    (
        SELECT container_id, tag, destination, event_name, event_id, count() AS times
        FROM freehold.deliveries
        WHERE outcome = 'delivered' AND attempted_at >= now() - INTERVAL 7 DAY
        GROUP BY container_id, tag, destination, event_name, event_id
    ),
    said AS
    (
        SELECT container_id, event_id, props['event_id'] AS id
        FROM freehold.events
        WHERE received_at >= now() - INTERVAL 37 DAY AND event_id IN (SELECT event_id FROM taken)
    ),
    -- A UUIDv7 is the tag's own, which it told the page; a UUIDv5 is made here.
    shared AS
    (
        SELECT
            container_id,
            tag,
            destination,
            event_name,
            if(id != '', id, toString(event_id))                     AS shared_id,
            multiIf(id != '', 'page', substring(shared_id, 15, 1) = '7', 'tag',
                    substring(shared_id, 15, 1) = '5', 'ours', 'page') AS maker,
            count()    AS events,
            sum(times) AS deliveries
        FROM taken LEFT JOIN said USING (container_id, event_id)
        GROUP BY container_id, tag, destination, event_name, shared_id, maker
    )
SELECT
    container_id,
    tag,
    destination,
    event_name,
    sum(events)                                                  AS delivered,
    sumIf(events, maker = 'page')                                AS with_id_of_page,
    sumIf(events, maker = 'tag')                                 AS with_id_of_tag,
    sumIf(events, maker = 'ours')                                AS unknown_to_page,
    round(100 * (1 - unknown_to_page / delivered), 1)            AS percent_known,
    countIf(deliveries > 1)                                      AS ids_sent_again,
    countIf(events > 1)                                          AS ids_of_several_events
FROM shared
GROUP BY container_id, tag, destination, event_name
ORDER BY container_id, tag, delivered DESC, event_name
