-- The most clicked bitlinks of a group on a day, at most a hundred, as Bitly ranks them.
--
-- The most clicked bitlinks of a group on a day, at most a hundred (facet `group_top_bitlinks`).
--
-- @day date
-- @unit text
-- @account text
-- @group_guid text
-- @bitlink text
-- @clicks integer: clicks, above 0
-- @place integer: 1 for the first; equal ones share a place
SELECT
    windows.day,
    windows.unit,
    accounts.name AS account,
    groups.guid AS group_guid,
    labels.c1 AS bitlink,
    metrics.clicks,
    rank() OVER (PARTITION BY metrics.snapshot_id ORDER BY metrics.clicks DESC) AS place
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'group_top_bitlinks'
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id AND subjects.kind = 'group'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
JOIN metrics ON metrics.snapshot_id = snapshots.id
JOIN labels ON labels.id = metrics.label_id
WHERE snapshots.superseded_at IS NULL
