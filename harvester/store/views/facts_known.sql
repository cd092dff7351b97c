-- What was known when: each revision of each number, from when to until when it was the newest one.
--
-- @day date
-- @unit text
-- @account text
-- @group_guid text
-- @bitlink text
-- @facet text
-- @clicks integer: clicks of the window as this revision has them: of all rows together, for a breakdown
-- @is_cut boolean: the answer was as long as it may be: more rows may exist
-- @known_from instant: when this was seen first
-- @known_until instant: when something else was seen; null for what is current
-- @kind text
-- @subject text
SELECT
    windows.day,
    windows.unit,
    accounts.name AS account,
    groups.guid AS group_guid,
    CASE subjects.kind WHEN 'bitlink' THEN subjects.name END AS bitlink,
    facets.name AS facet,
    snapshots.total AS clicks,
    snapshots.cut AS is_cut,
    UTC(snapshots.observed_at) AS known_from,
    UTC(snapshots.superseded_at) AS known_until,
    subjects.kind,
    subjects.name AS subject
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
