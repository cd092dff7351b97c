-- Numbers that became others later: what was said before, what since, when each was seen.
--
-- @day date
-- @unit text
-- @account text
-- @group_guid text
-- @bitlink text
-- @facet text
-- @old_clicks integer: what was said before
-- @new_clicks integer: what was said then
-- @old_seen_at instant: when the old number was seen first
-- @seen_at instant: when the new one was
-- @was_final boolean: whether the old number was still seen six hours after the day's end or later; before then clicks still come in, and a change is nothing to wonder at
-- @kind text
-- @subject text
SELECT
    windows.day,
    windows.unit,
    accounts.name AS account,
    groups.guid AS group_guid,
    CASE subjects.kind WHEN 'bitlink' THEN subjects.name END AS bitlink,
    facets.name AS facet,
    earlier.total AS old_clicks,
    earlier.next_total AS new_clicks,
    UTC(earlier.observed_at) AS old_seen_at,
    UTC(earlier.next_at) AS seen_at,
    -- clicks come in for six hours after a day's end: until then a number grows by itself
    earlier.last_seen_at >= windows.starts_at + 86400 + 21600 AS was_final,
    subjects.kind,
    subjects.name AS subject
FROM (
    SELECT
        told.*,
        lead(told.total) OVER revisions AS next_total,
        lead(told.observed_at) OVER revisions AS next_at
    FROM (
        SELECT * FROM snapshots WHERE superseded_at IS NOT NULL
        UNION ALL
        SELECT * FROM snapshots
        WHERE superseded_at IS NULL
            AND (subject_id, facet_id, window_id) IN (
                SELECT subject_id, facet_id, window_id
                FROM snapshots
                WHERE superseded_at IS NOT NULL
            )
    ) AS told
    WINDOW revisions AS (
        PARTITION BY told.subject_id, told.facet_id, told.window_id ORDER BY told.id
    )
) AS earlier
JOIN facets ON facets.id = earlier.facet_id
JOIN windows ON windows.id = earlier.window_id
JOIN subjects ON subjects.id = earlier.subject_id
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
WHERE earlier.next_total <> earlier.total
