-- Clicks of a bitlink in a window, as last seen; windows without clicks are left out.
--
-- Clicks of each bitlink on each day that had any.
--
-- @day date
-- @unit text
-- @account text
-- @group_guid text
-- @bitlink text
-- @clicks integer: clicks, above 0. Scans of the link's QR code are among them
SELECT
    windows.day,
    windows.unit,
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS bitlink,
    snapshots.total AS clicks
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'clicks'
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id AND subjects.kind = 'bitlink'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
WHERE snapshots.superseded_at IS NULL AND snapshots.total > 0
