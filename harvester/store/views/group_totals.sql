-- All that is known of each group's clicks, with those of its last 7 and 30 days that were harvested.
--
-- @account text
-- @group_guid text
-- @name text: the group's name
-- @bitlinks integer: how many bitlinks and custom back-halves, those that are not listed any more left out
-- @clicks integer: all clicks that are known
-- @clicks_7d integer: of them, those of the 7 days up to `as_of`
-- @clicks_30d integer: of them, those of the 30 days up to `as_of`
-- @first_clicked_day date: first day with clicks; null if there is none
-- @last_clicked_day date: last day with clicks; null if there is none
-- @days_known integer: number of days of which all clicks are known
-- @days_missing integer: number of days that were wanted of which some clicks are not known
-- @days_provisional integer: number of days that may still change: they are not settled
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
        subjects.group_id,
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
        max(windows.day) AS last_clicked_day
    -- in this order on SQLite, which may not know how few windows there are
    FROM clicked
    CROSS JOIN windows
    CROSS JOIN subjects
    LEFT JOIN ends ON ends.group_id = subjects.group_id
    WHERE windows.id = clicked.window_id
        AND windows.unit = 'day'
        AND subjects.id = clicked.subject_id
    GROUP BY subjects.group_id
),
spans AS (
    SELECT
        group_windows.group_id,
        CAST(count(*) AS INTEGER) AS wanted,
        CAST(sum(
            CASE WHEN group_windows.status <> 'open' AND group_windows.missing = 0 THEN 1 ELSE 0 END
        ) AS INTEGER) AS known,
        CAST(sum(CASE WHEN group_windows.status <> 'settled' THEN 1 ELSE 0 END) AS INTEGER)
            AS provisional
    FROM group_windows
    JOIN facets ON facets.id = group_windows.facet_id AND facets.name = 'clicks'
    JOIN windows ON windows.id = group_windows.window_id AND windows.unit = 'day'
    GROUP BY group_windows.group_id
),
members AS (
    SELECT subjects.group_id, CAST(count(*) AS INTEGER) AS bitlinks
    FROM bitlinks
    JOIN subjects ON subjects.id = bitlinks.subject_id
    WHERE bitlinks.gone_at IS NULL AND bitlinks.unlisted_at IS NULL
    GROUP BY subjects.group_id
)
SELECT
    accounts.name AS account,
    groups.guid AS group_guid,
    groups.name,
    coalesce(members.bitlinks, 0) AS bitlinks,
    coalesce(counted.clicks, 0) AS clicks,
    coalesce(counted.clicks_7d, 0) AS clicks_7d,
    coalesce(counted.clicks_30d, 0) AS clicks_30d,
    counted.first_clicked_day,
    counted.last_clicked_day,
    coalesce(spans.known, 0) AS days_known,
    coalesce(spans.wanted - spans.known, 0) AS days_missing,
    coalesce(spans.provisional, 0) AS days_provisional,
    ends.last_day AS as_of
FROM groups
JOIN accounts ON accounts.id = groups.account_id
LEFT JOIN members ON members.group_id = groups.id
LEFT JOIN counted ON counted.group_id = groups.id
LEFT JOIN spans ON spans.group_id = groups.id
LEFT JOIN ends ON ends.group_id = groups.id
