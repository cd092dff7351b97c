-- Clicks of all bitlinks of a group by device type, as Bitly adds them up.
--
-- Clicks of a whole group by device (facet `group_devices`).
--
-- @day date
-- @unit text
-- @account text
-- @group_guid text
-- @device_type text: `Desktop`, `Mobile` and the like
-- @clicks integer: clicks, above 0
SELECT
    windows.day,
    windows.unit,
    accounts.name AS account,
    groups.guid AS group_guid,
    labels.c1 AS device_type,
    metrics.clicks
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'group_devices'
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id AND subjects.kind = 'group'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
JOIN metrics ON metrics.snapshot_id = snapshots.id
JOIN labels ON labels.id = metrics.label_id
WHERE snapshots.superseded_at IS NULL
