-- All that is known of each bitlink's clicks, with those of its last 7 and 30 days that were harvested.
--
-- @account text
-- @group_guid text
-- @bitlink text
-- @custom_of text: for a custom back-half: the bitlink that it belongs to; null for a link itself
-- @clicks integer: all clicks that are known
-- @clicks_7d integer: of them, those of the 7 days up to `as_of`
-- @clicks_30d integer: of them, those of the 30 days up to `as_of`
-- @first_clicked_day date: first day with clicks; null if there is none
-- @last_clicked_day date: last day with clicks; null if there is none
-- @clicked_days integer: number of days with clicks
-- @missing_days integer: how many days of its clicks are in `harvest_missing`
-- @as_of date: the newest day of its group whose clicks were harvested, maybe before that day was over; null if there is none
WITH
ends AS (
    -- each group's newest day whose clicks were asked for
    SELECT group_windows.group_id, max(windows.starts_at) AS last_at, max(windows.day) AS last_day
    FROM group_windows
    JOIN facets ON facets.id = group_windows.facet_id AND facets.name = 'clicks'
    JOIN windows ON windows.id = group_windows.window_id AND windows.unit = 'day'
    WHERE group_windows.status <> 'open'
    GROUP BY group_windows.group_id
),
counted AS (
    SELECT
        clicked.subject_id,
        CAST(sum(clicked.clicks) AS BIGINT) AS clicks,
        CAST(sum(
            CASE
                WHEN windows.starts_at > ends.last_at - 7 * 86400
                    AND windows.starts_at <= ends.last_at
                THEN clicked.clicks ELSE 0
            END
        ) AS BIGINT) AS clicks_7d,
        CAST(sum(
            CASE
                WHEN windows.starts_at > ends.last_at - 30 * 86400
                    AND windows.starts_at <= ends.last_at
                THEN clicked.clicks ELSE 0
            END
        ) AS BIGINT) AS clicks_30d,
        min(windows.day) AS first_clicked_day,
        max(windows.day) AS last_clicked_day,
        CAST(count(*) AS INTEGER) AS clicked_days
    -- in this order on SQLite, which may not know how few windows there are
    FROM clicked
    CROSS JOIN windows
    CROSS JOIN subjects
    LEFT JOIN ends ON ends.group_id = subjects.group_id
    WHERE windows.id = clicked.window_id
        AND windows.unit = 'day'
        AND subjects.id = clicked.subject_id
    GROUP BY clicked.subject_id
),
gaps AS (
    SELECT account, bitlink, CAST(count(*) AS INTEGER) AS days
    FROM harvest_missing
    WHERE facet = 'clicks' AND unit = 'day'
    GROUP BY account, bitlink
)
SELECT
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS bitlink,
    owners.name AS custom_of,
    coalesce(counted.clicks, 0) AS clicks,
    coalesce(counted.clicks_7d, 0) AS clicks_7d,
    coalesce(counted.clicks_30d, 0) AS clicks_30d,
    counted.first_clicked_day,
    counted.last_clicked_day,
    coalesce(counted.clicked_days, 0) AS clicked_days,
    coalesce(gaps.days, 0) AS missing_days,
    ends.last_day AS as_of
FROM bitlinks
JOIN subjects ON subjects.id = bitlinks.subject_id
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
LEFT JOIN subjects AS owners ON owners.id = bitlinks.custom_of
LEFT JOIN counted ON counted.subject_id = subjects.id
LEFT JOIN gaps ON gaps.account = accounts.name AND gaps.bitlink = subjects.name
LEFT JOIN ends ON ends.group_id = subjects.group_id
