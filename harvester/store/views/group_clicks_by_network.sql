-- Clicks of all bitlinks of a group by referring network, as Bitly adds them up.
--
-- Clicks of a whole group by network (facet `group_referring_networks`).
--
-- @day date
-- @unit text
-- @account text
-- @group_guid text
-- @network text: `direct`, `twitter`, `other` and the like
-- @clicks integer: clicks, above 0
SELECT
    windows.day,
    windows.unit,
    accounts.name AS account,
    groups.guid AS group_guid,
    labels.c1 AS network,
    metrics.clicks
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'group_referring_networks'
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id AND subjects.kind = 'group'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
JOIN metrics ON metrics.snapshot_id = snapshots.id
JOIN labels ON labels.id = metrics.label_id
WHERE snapshots.superseded_at IS NULL
