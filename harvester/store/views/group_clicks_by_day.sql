-- Clicks of all bitlinks of a group as Bitly adds them up; days with any.
--
-- Clicks of a whole group as Bitly adds them up (facet `group_clicks`). Whether custom back-halves are in
-- it differs: `harvest_profile` tells what was seen.
--
-- @day date
-- @unit text
-- @account text
-- @group_guid text
-- @clicks integer: clicks, above 0
SELECT
    windows.day,
    windows.unit,
    accounts.name AS account,
    groups.guid AS group_guid,
    snapshots.total AS clicks
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'group_clicks'
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id AND subjects.kind = 'group'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
WHERE snapshots.superseded_at IS NULL AND snapshots.total > 0
