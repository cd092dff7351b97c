-- Scans of a QR code; days with any.
--
-- Scans of each QR code on each day that had any (facet `qr_scans`). Scans of a code that belongs to a
-- bitlink are among that link's clicks as well; `qr_code_details` names it.
--
-- @day date
-- @unit text
-- @account text
-- @group_guid text
-- @qr_code text: Bitly's id of the QR code
-- @scans integer: scans, above 0
SELECT
    windows.day,
    windows.unit,
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS qr_code,
    snapshots.total AS scans
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'qr_scans'
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id AND subjects.kind = 'qr_code'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
WHERE snapshots.superseded_at IS NULL AND snapshots.total > 0
