-- A row is one campaign: the sessions that it brought in the last 30 days, and how many bought.
SELECT
    container_id,
    if(channel_source = '', '(not set)', channel_source) AS source,
    if(channel_medium = '', '(not set)', channel_medium) AS medium,
    if(campaign_name = '', '(none)', campaign_name)      AS campaign,
    count()                                              AS sessions,
    countIf(s.purchases > 0)                             AS sessions_that_bought,
    round(100 * sessions_that_bought / sessions, 1)      AS percent,
    sumMap(s.revenue)                                    AS revenue
FROM freehold.sessions_between(first = today() - 30, last = today() + 1) AS s
GROUP BY container_id, source, medium, campaign
ORDER BY container_id, sessions DESC, source, medium, campaign
