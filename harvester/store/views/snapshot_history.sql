-- Every revision of every snapshot, one line per row; `superseded_at` is null for the current one.
--
-- Every revision of everything: one line per facet row of a snapshot, or one line without labels for a
-- snapshot that has no rows.
--
-- @account text
-- @group_guid text
-- @bitlink text
-- @facet text
-- @day date
-- @unit text
-- @total integer: clicks (or scans, or links) of the window as this revision has them
-- @observed_at instant: when this was seen first
-- @last_seen_at instant: when the same was seen last
-- @superseded_at instant: when something else was seen; null for what is current
-- @cut boolean: truth value: the answer was as long as it may be
-- @label_1 text: the row's labels, in the order of the facet's columns above
-- @label_2 text: the row's labels, in the order of the facet's columns above
-- @label_3 text: the row's labels, in the order of the facet's columns above
-- @label_4 text: the row's labels, in the order of the facet's columns above
-- @clicks integer: the row's count
-- @kind text
-- @subject text
SELECT
    accounts.name AS account,
    groups.guid AS group_guid,
    CASE subjects.kind WHEN 'bitlink' THEN subjects.name END AS bitlink,
    facets.name AS facet,
    windows.day,
    windows.unit,
    snapshots.total,
    UTC(snapshots.observed_at) AS observed_at,
    UTC(snapshots.last_seen_at) AS last_seen_at,
    UTC(snapshots.superseded_at) AS superseded_at,
    snapshots.cut,
    labels.c1 AS label_1,
    labels.c2 AS label_2,
    labels.c3 AS label_3,
    labels.c4 AS label_4,
    metrics.clicks,
    subjects.kind,
    subjects.name AS subject
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
LEFT JOIN metrics ON metrics.snapshot_id = snapshots.id
LEFT JOIN labels ON labels.id = metrics.label_id
