-- Clicks of a group in a month of the calendar of which any day was wanted, and how many days are known.
--
-- @month date: the month's first day
-- @account text
-- @group_guid text
-- @clicks integer: clicks that are known so far, 0 included
-- @days integer: how many days it has
-- @days_known integer: of how many of them all clicks are known
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
sums AS (
    SELECT
        subjects.group_id,
        MONTH(windows.day) AS month,
        CAST(sum(clicked.clicks) AS BIGINT) AS clicks
    FROM windows
    JOIN clicked ON clicked.window_id = windows.id
    JOIN subjects ON subjects.id = clicked.subject_id
    WHERE windows.unit = 'day'
    GROUP BY subjects.group_id, MONTH(windows.day)
)
SELECT
    spans.month,
    accounts.name AS account,
    groups.guid AS group_guid,
    coalesce(sums.clicks, 0) AS clicks,
    MONTH_DAYS(spans.month) AS days,
    spans.known AS days_known,
    MONTH_DAYS(spans.month) - spans.known AS days_missing,
    spans.provisional AS days_provisional
FROM spans
JOIN groups ON groups.id = spans.group_id
JOIN accounts ON accounts.id = groups.account_id
LEFT JOIN sums ON sums.group_id = spans.group_id AND sums.month = spans.month
