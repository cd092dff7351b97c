-- Clicks of a bitlink on a day of the reporting zone, if it had any, and whether that is exact.
--
-- The zone is `report.zone` of the settings. Where the clicks of the UTC days were harvested by the hour
-- (facet `clicks_by_hour`, see `harvest.hourly_days`), each hour goes to the local day that it begins in.
-- Where they were not, all clicks of the UTC day go to the local day of the same date. No click is lost, and
-- none is in two rows. What is not known is in no row: see `harvest_missing`.
--
-- @day date: the local day
-- @zone text: the zone, such as `Europe/Berlin`
-- @account text
-- @group_guid text
-- @bitlink text
-- @clicks integer: clicks, above 0
-- @is_exact boolean: false if a UTC day that reaches beyond the local one is not known by the hour, or its hours do not add up to its clicks, or the zone is not whole hours from UTC
WITH
hours AS (
    SELECT
        snapshots.subject_id,
        snapshots.window_id,
        windows.starts_at + 3600 * CAST(labels.c1 AS INTEGER) AS starts_at,
        metrics.clicks,
        snapshots.total = coalesce(clicked.clicks, 0) AS adds_up
    FROM snapshots
    JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'clicks_by_hour'
    JOIN windows ON windows.id = snapshots.window_id AND windows.unit = 'day'
    JOIN metrics ON metrics.snapshot_id = snapshots.id
    JOIN labels ON labels.id = metrics.label_id
    LEFT JOIN clicked
        ON clicked.window_id = snapshots.window_id
        AND clicked.subject_id = snapshots.subject_id
    WHERE snapshots.superseded_at IS NULL
),
whole_days AS (
    -- UTC days that are not known by the hour
    SELECT clicked.subject_id, windows.starts_at, clicked.clicks, offsets.zone, offsets.seconds
    FROM clicked
    JOIN windows ON windows.id = clicked.window_id AND windows.unit = 'day'
    JOIN offsets
        ON windows.starts_at >= offsets.from_at AND windows.starts_at < offsets.until_at
    WHERE NOT EXISTS (
        SELECT 1 FROM snapshots
        WHERE snapshots.subject_id = clicked.subject_id
            AND snapshots.facet_id = (
                SELECT facets.id FROM facets WHERE facets.name = 'clicks_by_hour'
            )
            AND snapshots.window_id = clicked.window_id
            AND snapshots.superseded_at IS NULL
    )
),
parts AS (
    SELECT
        hours.subject_id,
        DAY(hours.starts_at + offsets.seconds) AS day,
        offsets.zone,
        hours.clicks,
        CASE WHEN hours.adds_up AND offsets.seconds % 3600 = 0 THEN 1 ELSE 0 END AS exact
    FROM hours
    JOIN offsets ON hours.starts_at >= offsets.from_at AND hours.starts_at < offsets.until_at
    UNION ALL
    SELECT
        subject_id,
        DAY(starts_at),
        zone,
        clicks,
        CASE WHEN seconds = 0 THEN 1 ELSE 0 END
    FROM whole_days
    UNION ALL
    -- some of its clicks may be of the local day before or after: that is not exact, either
    SELECT
        subject_id,
        DAY(starts_at + CASE WHEN seconds > 0 THEN 86400 ELSE -86400 END),
        zone,
        0,
        0
    FROM whole_days
    WHERE seconds <> 0
)
SELECT
    parts.day,
    parts.zone,
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS bitlink,
    CAST(sum(parts.clicks) AS BIGINT) AS clicks,
    min(parts.exact) = 1 AS is_exact
FROM parts
JOIN subjects ON subjects.id = parts.subject_id
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
GROUP BY parts.day, parts.zone, accounts.name, groups.guid, subjects.name
HAVING sum(parts.clicks) > 0
