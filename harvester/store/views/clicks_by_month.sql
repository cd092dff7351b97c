-- Clicks of a bitlink in a month of the calendar, if it had any, and how many of its days are known.
--
-- @month date: the month's first day
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
        MONTH(windows.day) AS month,
        CAST(count(*) AS INTEGER) AS wanted,
        CAST(sum(
            CASE WHEN group_windows.status <> 'open' AND group_windows.missing = 0 THEN 1 ELSE 0 END
        ) AS INTEGER) AS known,
        CAST(sum(CASE WHEN group_windows.status <> 'settled' THEN 1 ELSE 0 END) AS INTEGER)
            AS provisional
    FROM group_windows
    JOIN facets ON facets.id = group_windows.facet_id AND facets.name = 'clicks'
    JOIN windows ON windows.id = group_windows.window_id AND windows.unit = 'day'
    GROUP BY group_windows.group_id, MONTH(windows.day)
),
gaps AS (
    SELECT account, bitlink, MONTH(day) AS month, CAST(count(*) AS INTEGER) AS days
    FROM harvest_missing
    WHERE facet = 'clicks' AND unit = 'day'
    GROUP BY account, bitlink, MONTH(day)
),
sums AS (
    SELECT
        clicked.subject_id,
        MONTH(windows.day) AS month,
        CAST(sum(clicked.clicks) AS BIGINT) AS clicks
    FROM windows
    JOIN clicked ON clicked.window_id = windows.id
    WHERE windows.unit = 'day'
    GROUP BY clicked.subject_id, MONTH(windows.day)
)
SELECT
    sums.month,
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS bitlink,
    sums.clicks,
    MONTH_DAYS(sums.month) AS days,
    coalesce(spans.wanted, 0) - coalesce(gaps.days, 0) AS days_known,
    MONTH_DAYS(sums.month) - coalesce(spans.wanted, 0) + coalesce(gaps.days, 0) AS days_missing,
    coalesce(spans.provisional, 0) AS days_provisional
FROM sums
JOIN subjects ON subjects.id = sums.subject_id
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
LEFT JOIN spans ON spans.group_id = subjects.group_id AND spans.month = sums.month
LEFT JOIN gaps
    ON gaps.account = accounts.name
    AND gaps.bitlink = subjects.name
    AND gaps.month = sums.month
