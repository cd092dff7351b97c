-- Clicks of a bitlink in an hour, as last seen; hours without clicks are left out.
--
-- Clicks of each bitlink in each hour that had any (facet `clicks_by_hour`). They add up to the day's in
-- `clicks_by_day`; the hours of today are told as far as they have come.
--
-- @hour instant: when the hour begins, an instant in UTC
-- @day date
-- @account text
-- @group_guid text
-- @bitlink text
-- @clicks integer: clicks, above 0
SELECT
    UTC(windows.starts_at + 3600 * CAST(labels.c1 AS INTEGER)) AS hour,
    windows.day,
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS bitlink,
    metrics.clicks
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'clicks_by_hour'
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id AND subjects.kind = 'bitlink'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
JOIN metrics ON metrics.snapshot_id = snapshots.id
JOIN labels ON labels.id = metrics.label_id
WHERE snapshots.superseded_at IS NULL
