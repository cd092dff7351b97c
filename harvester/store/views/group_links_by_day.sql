-- Links made in a group; days with any.
--
-- Links made in a group (facet `group_shorten_counts`).
--
-- @day date
-- @unit text
-- @account text
-- @group_guid text
-- @links integer: links made, above 0
SELECT
    windows.day,
    windows.unit,
    accounts.name AS account,
    groups.guid AS group_guid,
    snapshots.total AS links
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'group_shorten_counts'
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id AND subjects.kind = 'group'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
WHERE snapshots.superseded_at IS NULL AND snapshots.total > 0
