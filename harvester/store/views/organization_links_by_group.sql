-- Links made in an organization by group, month by month.
--
-- Links made in an organization in a month by group (facet `organization_shorten_counts_by_group`). Bitly
-- tells of the present month alone: a month that no run fell into is not there.
--
-- @day date
-- @unit text
-- @account text
-- @organization_guid text: Bitly's id of the organization
-- @group_guid text: the group, also one that the token may not read
-- @links integer: links made, above 0
SELECT
    windows.day,
    windows.unit,
    accounts.name AS account,
    subjects.name AS organization_guid,
    labels.c1 AS group_guid,
    metrics.clicks AS links
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'organization_shorten_counts_by_group'
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id AND subjects.kind = 'organization'
JOIN accounts ON accounts.id = subjects.account_id
JOIN metrics ON metrics.snapshot_id = snapshots.id
JOIN labels ON labels.id = metrics.label_id
WHERE snapshots.superseded_at IS NULL
