-- Clicks of a bitlink in a week from Monday, if it had any, and how many of its days are known.
--
-- @week date: the week's Monday
-- @account text
-- @group_guid text
-- @bitlink text
-- @clicks integer: clicks, above 0
-- @days integer: how many days it has
-- @days_known integer: of how many of them the bitlink's clicks are known
-- @days_missing integer: how many of them are not known, or were not harvested; those to come are among them
-- @days_provisional integer: how many of the days that were harvested may still change: they are not settled
WITH
spans AS (
    SELECT
        group_windows.group_id,
        WEEK(windows.day) AS week,
        CAST(count(*) AS INTEGER) AS wanted,
        CAST(sum(
            CASE WHEN group_windows.status <> 'open' AND group_windows.missing = 0 THEN 1 ELSE 0 END
        ) AS INTEGER) AS known,
        CAST(sum(CASE WHEN group_windows.status <> 'settled' THEN 1 ELSE 0 END) AS INTEGER)
            AS provisional
    FROM group_windows
    JOIN facets ON facets.id = group_windows.facet_id AND facets.name = 'clicks'
    JOIN windows ON windows.id = group_windows.window_id AND windows.unit = 'day'
    GROUP BY group_windows.group_id, WEEK(windows.day)
),
gaps AS (
    SELECT account, bitlink, WEEK(day) AS week, CAST(count(*) AS INTEGER) AS days
    FROM harvest_missing
    WHERE facet = 'clicks' AND unit = 'day'
    GROUP BY account, bitlink, WEEK(day)
),
sums AS (
    SELECT
        clicked.subject_id,
        WEEK(windows.day) AS week,
        CAST(sum(clicked.clicks) AS BIGINT) AS clicks
    FROM windows
    JOIN clicked ON clicked.window_id = windows.id
    WHERE windows.unit = 'day'
    GROUP BY clicked.subject_id, WEEK(windows.day)
)
SELECT
    sums.week,
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS bitlink,
    sums.clicks,
    7 AS days,
    coalesce(spans.wanted, 0) - coalesce(gaps.days, 0) AS days_known,
    7 - coalesce(spans.wanted, 0) + coalesce(gaps.days, 0) AS days_missing,
    coalesce(spans.provisional, 0) AS days_provisional
FROM sums
JOIN subjects ON subjects.id = sums.subject_id
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
LEFT JOIN spans ON spans.group_id = subjects.group_id AND spans.week = sums.week
LEFT JOIN gaps
    ON gaps.account = accounts.name
    AND gaps.bitlink = subjects.name
    AND gaps.week = sums.week
