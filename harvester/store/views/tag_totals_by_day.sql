-- Clicks of each tag on each day that had any, over all bitlinks that have it now.
--
-- @day date
-- @account text
-- @group_guid text
-- @tag text: the tag
-- @clicks integer: clicks, above 0
SELECT
    windows.day,
    accounts.name AS account,
    groups.guid AS group_guid,
    marked.value AS tag,
    CAST(sum(snapshots.total) AS BIGINT) AS clicks
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'clicks'
JOIN windows ON windows.id = snapshots.window_id AND windows.unit = 'day'
JOIN subjects ON subjects.id = snapshots.subject_id AND subjects.kind = 'bitlink'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
JOIN (
    SELECT bitlinks.subject_id, listed.value
    FROM bitlinks, EACH(bitlinks.tags) AS listed
) AS marked ON marked.subject_id = subjects.id
WHERE snapshots.superseded_at IS NULL AND snapshots.total > 0
GROUP BY windows.day, accounts.name, groups.guid, marked.value
