-- Clicks of a bitlink's window by referring domain, as last seen (a link, or a custom back-half of its own).
--
-- @day date
-- @unit text
-- @account text
-- @group_guid text
-- @bitlink text
-- @domain text: a host such as `l.instagram.com`, or `direct`
-- @clicks integer: clicks, above 0
SELECT
    windows.day,
    windows.unit,
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS bitlink,
    labels.c1 AS domain,
    metrics.clicks
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'referring_domains'
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id AND subjects.kind = 'bitlink'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
JOIN metrics ON metrics.snapshot_id = snapshots.id
JOIN labels ON labels.id = metrics.label_id
WHERE snapshots.superseded_at IS NULL
    AND NOT EXISTS (
        -- a week or month that is stored stands for all that is finer inside it
        SELECT 1 FROM coarse
        WHERE coarse.subject_id = snapshots.subject_id
            AND coarse.facet_id = snapshots.facet_id
            AND coarse.window_id <> snapshots.window_id
            AND windows.starts_at >= coarse.starts_at
            AND windows.starts_at < coarse.ends_at
    )
