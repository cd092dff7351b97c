-- Scans of a QR code by operating system of the device.
--
-- Scans by operating system (facet `qr_device_os`).
--
-- @day date
-- @unit text
-- @account text
-- @group_guid text
-- @qr_code text: Bitly's id of the QR code
-- @device_os text: `Apple` and the like
-- @scans integer: scans, above 0
SELECT
    windows.day,
    windows.unit,
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS qr_code,
    labels.c1 AS device_os,
    metrics.clicks AS scans
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'qr_device_os'
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id AND subjects.kind = 'qr_code'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
JOIN metrics ON metrics.snapshot_id = snapshots.id
JOIN labels ON labels.id = metrics.label_id
WHERE snapshots.superseded_at IS NULL
