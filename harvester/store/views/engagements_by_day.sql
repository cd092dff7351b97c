-- Engagements of a bitlink: clicks, scans of its QR codes, clicks on its buttons; days with any.
--
-- What people did with a bitlink (facet `engagements`): clicks, scans of its QR codes and clicks on its
-- buttons. Here clicks and scans are apart, as Bitly's own pages show them.
--
-- @day date
-- @unit text
-- @account text
-- @group_guid text
-- @bitlink text
-- @engagements integer: all of them, above 0
-- @clicks integer: each sort, 0 included
-- @scans integer: each sort, 0 included
-- @button_clicks integer: each sort, 0 included
SELECT
    windows.day,
    windows.unit,
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS bitlink,
    snapshots.total AS engagements,
    coalesce(parts.clicks, 0) AS clicks,
    coalesce(parts.scans, 0) AS scans,
    coalesce(parts.button_clicks, 0) AS button_clicks
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'engagements'
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id AND subjects.kind = 'bitlink'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
LEFT JOIN (
    SELECT
        metrics.snapshot_id,
        max(CASE WHEN labels.c1 = 'clicks' THEN metrics.clicks END) AS clicks,
        max(CASE WHEN labels.c1 = 'scans' THEN metrics.clicks END) AS scans,
        max(CASE WHEN labels.c1 = 'lib_button_clicks' THEN metrics.clicks END) AS button_clicks
    FROM metrics
    JOIN labels ON labels.id = metrics.label_id
    JOIN facets ON facets.id = labels.facet_id AND facets.name = 'engagements'
    GROUP BY metrics.snapshot_id
) AS parts ON parts.snapshot_id = snapshots.id
WHERE snapshots.superseded_at IS NULL AND snapshots.total > 0
