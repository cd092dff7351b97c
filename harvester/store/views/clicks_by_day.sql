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
    clicked.clicks
FROM clicked
JOIN windows ON windows.id = clicked.window_id
JOIN subjects ON subjects.id = clicked.subject_id
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
