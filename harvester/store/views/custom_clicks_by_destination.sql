-- Clicks of a custom back-half on a domain of one's own by where it led to.
--
-- The same by where the back-half led to (facet `custom_clicks_by_destination`).
--
-- @day date
-- @unit text
-- @account text
-- @group_guid text
-- @custom_bitlink text: `domain/back-half`
-- @destination text: as Bitly names it
-- @clicks integer: clicks, above 0
SELECT
    windows.day,
    windows.unit,
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS custom_bitlink,
    labels.c1 AS destination,
    metrics.clicks
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'custom_clicks_by_destination'
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id AND subjects.kind = 'custom_bitlink'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
JOIN metrics ON metrics.snapshot_id = snapshots.id
JOIN labels ON labels.id = metrics.label_id
WHERE snapshots.superseded_at IS NULL
