-- A row is one session of one person that began on a day from `first` to `last` (UTC): steps of a visitor with
-- less than 30 minutes between them. A day before and a day after are read as well, so a session is the same
-- whatever the days that are asked for, unless it lasts longer than a day.
-- Events that came without a session (sent late) are placed by their time. Bots, previews and
-- hits without identity are left out. `revenue` is by currency, of purchases alone.
CREATE OR REPLACE VIEW freehold.sessions_between {on_cluster} AS
WITH
    visitors AS
    (
        SELECT
            container_id,
            visitor_id,
            arraySort(step -> step.at, groupArray(CAST(
                (
                    toUnixTimestamp64Milli(occurred_at), session_id, name, path, referrer_host,
                    channel, channel_source, channel_medium, campaign_name, device_type, country,
                    currency, ifNull(value, 0)
                ),
                'Tuple(at Int64, session_id UInt32, name String, path String, referrer_host String,
                       channel String, channel_source String, channel_medium String,
                       campaign_name String, device_type String, country String,
                       currency String, value Decimal(18, 4))'
            ))) AS steps,
            arrayMap(step -> step.at, steps) AS times
        FROM freehold.events
        WHERE occurred_at >= {first:Date} - INTERVAL 1 DAY AND occurred_at < {last:Date} + INTERVAL 2 DAY
            AND bot = '' AND NOT is_preview AND visitor_id != toUUID('00000000-0000-0000-0000-000000000000')
        GROUP BY container_id, visitor_id
    ),
    visits AS
    (
        SELECT
            container_id,
            visitor_id,
            arrayJoin(arraySplit(
                (step, at, before) -> at - before > 30 * 60 * 1000,
                steps,
                times, arrayPushFront(arrayPopBack(times), times[1])
            )) AS visit,
            -- The id of a step without one is the last that was known, for less than the day that is read before.
            arrayFill(known -> known.1 != 0, arrayMap(step -> (step.session_id, step.at), visit)) AS known,
            arrayMap((step, one) -> if(step.at - one.2 < 23 * 3600 * 1000, one.1, 0), visit, known) AS ids
        FROM visitors
    ),
    split AS
    (
        SELECT
            container_id,
            visitor_id,
            arrayJoin(arraySplit(
                (step, id, id_before) -> id != id_before AND id_before != 0,
                visit,
                ids, arrayPushFront(arrayPopBack(ids), ids[1])
            )) AS session
        FROM visits
    ),
    touched AS
    (
        SELECT
            *,
            arrayMax(step -> step.session_id, session)      AS known_id,
            arrayFirst(step -> step.channel != '', session) AS touch
        FROM split
        WHERE session[1].at >= toUnixTimestamp({first:Date}) * 1000 AND session[1].at < toUnixTimestamp({last:Date} + 1) * 1000
    )
SELECT
    container_id,
    visitor_id,
    if(known_id != 0, known_id, toUInt32(intDiv(session[1].at, 1000))) AS session_id,
    fromUnixTimestamp64Milli(session[1].at, 'UTC')               AS started_at,
    fromUnixTimestamp64Milli(session[-1].at, 'UTC')              AS ended_at,
    intDiv(session[-1].at - session[1].at, 1000)                 AS duration_s,
    length(session)                                              AS events,
    arrayCount(step -> step.name = 'page_view', session)         AS page_views,
    arrayCount(step -> step.name = 'purchase', session)          AS purchases,
    arrayReduce('sumMap', arrayMap(
        step -> map(step.currency, step.value), arrayFilter(step -> step.name = 'purchase', session)
    ))                                                           AS revenue,
    arrayFirst(step -> step.path != '', session).path            AS landing_path,
    arrayLast(step -> step.path != '', session).path             AS exit_path,
    touch.referrer_host                                          AS referrer_host,
    touch.channel                                                AS channel,
    touch.channel_source                                         AS channel_source,
    touch.channel_medium                                         AS channel_medium,
    touch.campaign_name                                          AS campaign_name,
    session[1].device_type                                       AS device_type,
    session[1].country                                           AS country
FROM touched
