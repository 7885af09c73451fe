-- A row is one event of the visits that begin on one day: {sessions} sessions from number {first} on.
-- Deterministic: every choice is a hash of what it belongs to. Four levels, each from the one above:
-- sessions, page loads, events, and their places in the journal.
INSERT INTO {table}
({columns})
WITH
    ['oak', 'linen', 'stone', 'ash', 'clay', 'wool', 'salt', 'moss', 'fern', 'slate', 'amber', 'copper',
     'rye', 'flax', 'birch', 'cedar', 'pearl', 'coral', 'sand', 'ember', 'cobalt', 'ivory', 'sage', 'plum'] AS materials,
    ['cup', 'board', 'towel', 'bowl', 'plate', 'jug', 'apron', 'napkin', 'vase', 'tray', 'box', 'spoon',
     'lamp', 'stool', 'basket', 'blanket', 'cushion', 'candle', 'clock', 'mirror', 'shelf', 'rug', 'kettle', 'pan'] AS things,
    ['fr-FR', 'de-DE', 'en-GB', 'nl-NL', 'it-IT', 'es-ES', 'fr-BE', 'en-US'] AS languages,
    ['Europe/Paris', 'Europe/Berlin', 'Europe/London', 'Europe/Amsterdam', 'Europe/Rome', 'Europe/Madrid',
     'Europe/Brussels', 'America/New_York'] AS timezones,
    ['FR', 'DE', 'GB', 'NL', 'IT', 'ES', 'BE', 'US'] AS countries,
    ['autumn-table', 'brand', 'cups', 'retargeting', 'newsletter-37', 'newsletter-38', 'gifts', 'linen-week',
     'always-on', 'influencers'] AS campaigns,
    (x, salt) -> cityHash64(x, salt) / 18446744073709551616. AS u,
    (x, salt, n) -> cityHash64(x, salt) % n AS pick,
    (x, salt, n) -> toUInt32(exp(u(x, salt) * log(n))) AS zipf,
    (x, salt, mean) -> -log(1 - u(x, salt)) * mean AS wait,
    (ms, x, salt) -> reinterpret(
        bitOr(
            toUInt128(bitOr(bitShiftLeft(toUInt64(ms), 16), 0x7000 + pick(x, salt || 'a', 4096))),
            bitShiftLeft(toUInt128(bitOr(0x8000000000000000, bitShiftRight(cityHash64(x, salt || 'b'), 2))), 64)
        ),
        'UUID'
    ) AS uuid7,
    one -> concat(materials[1 + pick(one, 'material', 24)], '-', things[1 + pick(one, 'thing', 24)]) AS slug,
    sessions AS
    (
        SELECT
            {first} + number AS s,
            toUInt64({visitors} * pow(u(s, 'visitor'), 1.5)) AS v,
            -- Nights are quiet: two draws make a hump in the afternoon, one in five comes at any hour.
            toInt64({midnight}) + toInt64(86400000 * if(
                pick(s, 'any hour', 5) = 0, u(s, 'time'), 0.28 + 0.36 * (u(s, 'time') + u(s, 'time 2'))
            )) AS began_at,
            multiIf(
                pick(s, 'bot', 100) < 2, 'bot', u(v, 'consent') < 0.16, 'denied', u(v, 'consent') < 0.24, 'analytics', 'granted'
            ) AS standing,
            standing IN ('bot', 'denied') AS is_nobody,
            u(s, 'buys') < 0.06 AS buys,
            least(25, 1 + buys * 4 + toUInt32(wait(s, 'pages', 2.2))) AS pages,
            multiIf(
                u(s, 'channel') < 0.34, 'Organic Search', u(s, 'channel') < 0.56, 'Direct', u(s, 'channel') < 0.72, 'Paid Search',
                u(s, 'channel') < 0.83, 'Paid Social', u(s, 'channel') < 0.91, 'Email', u(s, 'channel') < 0.96, 'Organic Social', 'Referral'
            ) AS session_channel,
            ['', 'https://www.google.com/', 'https://www.google.com/', 'https://l.facebook.com/', '', 'https://www.instagram.com/',
             'https://www.tableware-blog.example/best-of'][
                1 + indexOf(['Organic Search', 'Paid Search', 'Paid Social', 'Email', 'Organic Social', 'Referral'], session_channel)] AS came_from,
            1 + least(7, zipf(v, 'place', 9) - 1) AS place,
            -- Three hundred combinations of device, system and browser; the first are common.
            zipf(v, 'device', 300) AS device,
            multiIf(device % 20 < 11, 'mobile', device % 20 = 11, 'tablet', 'desktop') AS kind
        FROM numbers({sessions})
    ),
    loads AS
    (
        WITH
            i -> multiIf(
                buys AND i + 1 = pages, 'thank-you', buys AND i + 2 = pages, 'checkout', buys AND i + 3 = pages, 'cart',
                arrayElement(
                    if(i = 0, ['home', 'home', 'home', 'product', 'product', 'product', 'product', 'category', 'category', 'article'],
                              ['home', 'product', 'product', 'product', 'product', 'category', 'category', 'category', 'article', 'search']),
                    1 + pick(s + i * 1000003, 'kind of page', 10)
                )
            ) AS kind_of,
            i -> zipf(s + i * 1000003, 'product', 2000) AS product_of,
            -- An even share of the pages have a language in their path.
            i -> concat(
                ['/fr', '/de', '', '/nl', '/it', '/es', '/fr', ''][place],
                multiIf(
                    kind_of(i) = 'home', '/',
                    kind_of(i) = 'product', concat('/p/', slug(product_of(i)), '-', toString(1000 + product_of(i))),
                    kind_of(i) = 'category', concat('/c/', things[1 + product_of(i) % 24]),
                    kind_of(i) = 'article', concat('/magazine/', slug(product_of(i) % 300), '-and-', slug(product_of(i) % 300 + 7)),
                    concat('/', kind_of(i))
                )
            ) AS path_of,
            i -> multiIf(
                i = 0 AND session_channel = 'Paid Search', concat('utm_source=google&utm_medium=cpc&utm_campaign=', campaigns[1 + pick(s, 'campaign', 10)]),
                i = 0 AND session_channel = 'Paid Social', concat('utm_source=facebook&utm_medium=paid_social&utm_campaign=', campaigns[1 + pick(s, 'campaign', 10)]),
                i = 0 AND session_channel = 'Email', concat('utm_source=newsletter&utm_medium=email&utm_campaign=', campaigns[1 + pick(s, 'campaign', 10)]),
                kind_of(i) = 'search', concat('q=', things[1 + pick(s + i, 'words', 24)], '+', materials[1 + pick(s + i, 'words 2', 24)]),
                ''
            ) AS query_of,
            i -> concat('https://www.kiln-and-loom.example', path_of(i), if(query_of(i) = '', '', concat('?', query_of(i)))) AS url_of
        SELECT
            *,
            arrayJoin(range(pages)) AS p,
            cityHash64(s, 'load', p) AS l,
            began_at + toInt64(arraySum(i -> least(1500000, 2000 + 1000 * wait(s + i * 1000003, 'dwell', 45)), range(p))) AS loaded_at,
            kind_of(p) AS page_kind,
            product_of(p) AS product,
            path_of(p) AS page_path,
            query_of(p) AS page_query,
            url_of(p) AS page_url,
            if(p = 0, came_from, url_of(toUInt8(p - 1))) AS page_referrer
        FROM sessions
    ),
    -- (name, milliseconds after the load, hit of the load, place in the hit)
    events AS
    (
        SELECT
            *,
            arrayJoin(arrayConcat(
                [('page_view', 0, 1, 0)],
                multiIf(
                    page_kind = 'product', [('view_item', 3 + pick(l, 'item', 40), 1, 1)],
                    page_kind = 'category', [('view_item_list', 3 + pick(l, 'list', 40), 1, 1)],
                    page_kind = 'search', [('view_search_results', 3, 1, 1)],
                    page_kind = 'cart', [('view_cart', 5, 1, 1)],
                    page_kind = 'checkout', [('begin_checkout', 5, 1, 1)],
                    page_kind = 'thank-you', [('purchase', 4, 1, 1)],
                    []
                ),
                if(pick(l, 'scroll', 100) < 38, [('scroll', 4000 + toInt32(wait(l, 'scroll at', 9000)), 2, 0)], []),
                if(page_kind = 'product' AND (buys OR pick(l, 'adds', 100) < 9), [('add_to_cart', 6000 + toInt32(wait(l, 'adds at', 14000)), 3, 0)], []),
                if(pick(l, 'click', 100) < 5, [('click', 9000 + toInt32(wait(l, 'click at', 20000)), 4, 0)], [])
            )) AS e,
            cityHash64(l, e.1) AS n,
            cityHash64(l, e.3) AS h,
            e.1 AS event_name,
            loaded_at + e.2 AS happened_at,
            toInt64(25 + wait(h, 'way', 60)) AS way_ms,
            toInt64(if(e.4 = 0, pick(n, 'held', 4), 0) + if(e.3 = 1, 40, 0) - if(e.3 = 1, e.2, 0)) AS held_ms,
            pick(h, 'again', 1000) < 15 AS is_again,
            pick(h, 'late', 1000) < 3 AS is_late,
            toInt64(happened_at + way_ms) AS corrected_at,
            toInt64(corrected_at + held_ms + is_again * (500 + pick(h, 'again after', 2500)) + is_late * (600000 + pick(h, 'late by', 18000000))) AS taken_at,
            -- One clock in five is wrong by more than half a second.
            toInt64(happened_at + if(pick(v, 'clock', 5) = 0, 60000, 500) * (2 * u(v, 'clock error') - 1)) AS told_at
        FROM loads
    ),
    placed AS
    (
        SELECT *, sum(e.4 = 0) OVER (ORDER BY taken_at, h, e.4 ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - 1 AS hit_number
        FROM events
    )
SELECT
    uuid7(told_at, n, 'event')                                                         AS id,
    cityHash64('segment', {midnight}, intDiv(hit_number, 50000))                       AS src,
    toUInt32(hit_number % 50000)                                                       AS off,
    toUInt16(e.4)                                                                      AS idx,
    'shop'                                                                             AS container_id,
    toUInt32(3)                                                                        AS container_version,
    if(is_nobody, toUUID('00000000-0000-0000-0000-000000000000'), reinterpret(bitOr(
        toUInt128(bitOr(bitAnd(cityHash64(v, 'high'), 0xFFFFFFFFFFFF0FFF), 0x4000)),
        bitShiftLeft(toUInt128(bitOr(0x8000000000000000, bitShiftRight(cityHash64(v, 'low'), 2))), 64)
    ), 'UUID'))                                                                        AS visitor_id,
    toUInt32(if(is_nobody OR is_late, 0, intDiv(began_at, 1000)))                      AS session_id,
    toUInt32(if(is_nobody OR is_late, 0, 1 + {progress} * pow((v + 1) / {visitors}, -0.34))) AS session_number,
    if(NOT is_nobody AND pick(v, 'signed in', 100) < 8, concat('c-', toString(100000 + v)), '') AS user_id,
    event_name                                                                         AS name,
    fromUnixTimestamp64Milli(corrected_at, 'UTC')                                      AS occurred_at,
    fromUnixTimestamp64Milli(taken_at, 'UTC')                                          AS received_at,
    told_at - corrected_at                                                             AS client_ahead_ms,
    toUInt16(is_again)                                                                 AS resend,
    cityHash64(l, 'page')                                                              AS page_id,
    toUInt32(e.3)                                                                      AS page_seq,
    page_url                                                                           AS url,
    'www.kiln-and-loom.example'                                                        AS host,
    page_path                                                                          AS path,
    page_query                                                                         AS query,
    concat(
        if(page_kind = 'product', concat(initcap(replaceAll(slug(product), '-', ' ')), ' ', toString(1000 + product)),
           initcap(replaceAll(splitByChar('/', page_path)[-1], '-', ' '))), ' · Kiln & Loom'
    )                                                                                  AS title,
    page_referrer                                                                      AS referrer,
    if(p = 0, replaceOne(domain(came_from), 'www.', ''), '')                           AS referrer_host,
    extractURLParameter(page_url, 'utm_source')                                        AS campaign_source,
    extractURLParameter(page_url, 'utm_medium')                                        AS campaign_medium,
    extractURLParameter(page_url, 'utm_campaign')                                      AS campaign_name,
    if(p = 0 AND session_channel = 'Paid Search', ['gclid'], if(p = 0 AND session_channel = 'Paid Social', ['fbclid'], [])) AS click_ids,
    if(p = 0, session_channel, '')                                                     AS channel,
    if(p = 0, ['direct', 'google', 'google', 'facebook', 'newsletter', 'instagram', 'tableware-blog.example'][
        1 + indexOf(['Organic Search', 'Paid Search', 'Paid Social', 'Email', 'Organic Social', 'Referral'], session_channel)], '') AS channel_source,
    if(p = 0, ['none', 'organic', 'cpc', 'paid_social', 'email', 'social', 'referral'][
        1 + indexOf(['Organic Search', 'Paid Search', 'Paid Social', 'Email', 'Organic Social', 'Referral'], session_channel)], '') AS channel_medium,
    kind                                                                               AS device_type,
    if(kind = 'desktop', '', ['Apple', 'Samsung', 'Google', 'Xiaomi'][1 + device % 4]) AS device_brand,
    if(kind = 'desktop' OR device % 4 = 0, '', concat(['SM-A', 'Pixel ', 'Redmi '][device % 4], toString(device))) AS device_model,
    if(kind = 'desktop', ['Windows', 'Windows', 'Mac OS X', 'Linux'][1 + device % 4], if(device % 4 = 0, 'iOS', 'Android')) AS os,
    if(kind = 'desktop', '10', toString(10 + pick(device, 'os', 9)))                   AS os_version,
    ['Chrome', 'Chrome Mobile', 'Mobile Safari', 'Firefox', 'Edge', 'Samsung Internet'][1 + pick(device, 'browser', 6)] AS browser,
    concat(toString(120 + pick(device, 'version', 24)), '.0')                          AS browser_version,
    languages[place]                                                                   AS language,
    timezones[place]                                                                   AS timezone,
    ['393x852', '412x915', '360x780', '1920x1080', '1536x864', '2560x1440'][1 + pick(device, 'screen', 6)] AS screen,
    concat(toString(360 + pick(device, 'width', 8) * 190), 'x', toString(620 + if(kind = 'desktop', pick(v, 'window', 40) * 7, pick(device, 'bar', 5) * 11))) AS viewport,
    countries[place]                                                                   AS country,
    toString(zipf(v, 'city', 300) % 13 + 1)                                            AS region,
    concat(initcap(materials[1 + pick(zipf(v, 'city', 300), 'city', 24)]), things[1 + pick(zipf(v, 'city', 300), 'city 2', 24)]) AS city,
    if(standing = 'bot', 'crawler', '')                                                AS bot,
    if(standing = 'bot', 'Googlebot', '')                                              AS bot_name,
    mapFromArrays(['ad_storage', 'analytics_storage', 'ad_user_data', 'ad_personalization'],
        multiIf(standing = 'granted', ['granted', 'granted', 'granted', 'granted'], standing = 'analytics', ['denied', 'granted', 'denied', 'denied'],
                ['denied', 'denied', 'denied', 'denied']))                             AS consent,
    'banner'                                                                           AS consent_source,
    '3'                                                                                AS consent_version,
    multiIf(
        event_name IN ('view_item', 'add_to_cart'), 5 + pick(product, 'price', 180),
        event_name IN ('view_cart', 'begin_checkout', 'purchase'), 12 + pick(s, 'basket', 400) + 0.9, NULL
    )                                                                                  AS worth,
    if(worth IS NULL, '', 'EUR')                                                       AS currency,
    if(event_name = 'purchase', concat('KL-', upper(substring(hex(n), 1, 8)), '-', toString(pick(s, 'order', 1000))), '') AS transaction_id,
    arrayMap(
        one -> (
            concat(upper(things[1 + pick(one, 'thing', 24)]), '-', toString(1000 + one)), initcap(replaceAll(slug(one), '-', ' ')), 'Kiln & Loom',
            things[1 + one % 24], '', '', '', '', if(event_name = 'view_item_list', 'Category', ''), if(event_name = 'view_item_list', 1, 0), '',
            5 + pick(one, 'price', 180), NULL, 1 + (pick(n, 'quantity', 6) = 0), map()
        ),
        multiIf(
            event_name IN ('view_item', 'add_to_cart'), [product],
            event_name = 'view_item_list', arrayMap(i -> toUInt32(24 * (1 + i) + product % 24), range(4)),
            event_name IN ('view_cart', 'begin_checkout', 'purchase'), arrayMap(i -> zipf(s + i, 'line', 2000), range(1 + pick(s, 'lines', 3))),
            []
        )
    )                                                                                  AS items,
    -- Three to six; one row in fifty has a key that hardly another has.
    mapFromArrays(
        arrayConcat(
            ['page_type', 'signed_in', 'variant'],
            if(event_name IN ('scroll', 'click', 'add_to_cart'), ['engagement_ms'], []),
            if(event_name = 'scroll', ['percent'], []),
            if(event_name = 'purchase', ['tax', 'shipping'], []),
            if(pick(n, 'new', 50) = 0, [concat('data_', toString(pick(n, 'new key', 2000)))], [])
        ),
        arrayConcat(
            [page_kind, if(pick(v, 'signed in', 100) < 8, 'true', 'false'), ['a', 'b', 'c'][1 + pick(v, 'variant', 3)]],
            if(event_name IN ('scroll', 'click', 'add_to_cart'), [toString(e.2)], []),
            if(event_name = 'scroll', [toString(25 * (1 + pick(n, 'percent', 4)))], []),
            if(event_name = 'purchase', [toString(pick(s, 'basket', 400) / 10), '4.9'], []),
            if(pick(n, 'new', 50) = 0, [lower(hex(bitShiftRight(cityHash64(n, 'new value'), 32)))], [])
        )
    )                                                                                  AS told,
    CAST(mapApply((key, text) -> (key, toFloat64(text)), mapFilter((key, text) -> key IN ('engagement_ms', 'percent', 'tax', 'shipping'), told)), 'Map(LowCardinality(String), Float64)') AS nums,
    if(standing = 'granted', [], [('ga4', if(standing = 'bot', 'bot', if(standing = 'denied', 'consent:analytics_storage', 'consent:ad_user_data')))]) AS withheld
FROM placed
ORDER BY taken_at, h, e.4
