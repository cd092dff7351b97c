-- Links made in an organization; days with any.
--
-- Links made in an organization (facet `organization_shorten_counts`).
--
-- @day date
-- @unit text
-- @account text
-- @organization_guid text: Bitly's id of the organization
-- @links integer: links made, above 0
SELECT
    windows.day,
    windows.unit,
    accounts.name AS account,
    subjects.name AS organization_guid,
    snapshots.total AS links
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'organization_shorten_counts'
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id AND subjects.kind = 'organization'
JOIN accounts ON accounts.id = subjects.account_id
WHERE snapshots.superseded_at IS NULL AND snapshots.total > 0
