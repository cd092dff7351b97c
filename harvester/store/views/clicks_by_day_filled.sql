-- Clicks of a bitlink in a window, as last seen, with a zero where it is known to have had none.
--
-- The same, with a zero for each day that is known to have had no clicks. A day that is not known has no
-- row: look for it in `harvest_missing`.
--
-- @day date
-- @unit text
-- @account text
-- @group_guid text
-- @bitlink text
-- @clicks integer: clicks, 0 included
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
WHERE snapshots.superseded_at IS NULL
UNION ALL
SELECT
    windows.day,
    windows.unit,
    accounts.name,
    groups.guid,
    subjects.name,
    0
FROM proofs
JOIN windows ON windows.id = proofs.window_id
JOIN groups ON groups.id = proofs.group_id
JOIN accounts ON accounts.id = groups.account_id
JOIN subjects
    ON subjects.group_id = proofs.group_id
    AND subjects.kind = 'bitlink'
    AND subjects.joined_at <= proofs.seen_at
JOIN bitlinks
    ON bitlinks.subject_id = subjects.id
    AND (bitlinks.unlisted_at IS NULL OR bitlinks.unlisted_at > proofs.seen_at)
    AND (bitlinks.custom_of IS NULL OR proofs.customs)
WHERE NOT EXISTS (
    SELECT 1 FROM snapshots
    WHERE snapshots.subject_id = subjects.id
        AND snapshots.facet_id = (SELECT facets.id FROM facets WHERE facets.name = 'clicks')
        AND snapshots.window_id = proofs.window_id
        AND snapshots.superseded_at IS NULL
)
