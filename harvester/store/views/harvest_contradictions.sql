-- What cannot be true together: breakdowns that do not add up to their clicks, groups that do not fit.
--
-- What Bitly said that cannot be true together. Both sides are stored as they were told; none is corrected.
--
-- - A breakdown whose rows add up to more or fewer clicks than its bitlink had on the day, where both were seen
--   (or proved not to have moved) six hours after the day's end or later: before then clicks still come in. It is
--   asked for again until the day is settled, and stays here if that did not mend it. A breakdown that was `cut`
--   is not here, nor are those of weeks and months: they are not held against the clicks of their days.
-- - A group whose clicks, or list of clicked bitlinks, did not fit the clicks of its bitlinks: one row, with
--   nothing in the columns from `bitlink` to `facet_clicks`. Such a group is asked link by link for a while.
--
-- @account text
-- @group_guid text
-- @bitlink text: which breakdown; null for a group's own contradiction
-- @facet text
-- @day date: which breakdown; null for a group's own contradiction
-- @unit text: which breakdown; null for a group's own contradiction
-- @clicks integer: clicks of the bitlink on the day
-- @facet_clicks integer: clicks of all rows of the breakdown
-- @detail text: the same in one line; for a group the last contradiction, and how many there were
-- @seen_at instant: when the breakdown was last seen so, or the group's contradiction
SELECT
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS bitlink,
    facets.name AS facet,
    windows.day,
    windows.unit,
    clicks.total AS clicks,
    breakdowns.total AS facet_clicks,
    'its rows have ' || breakdowns.total || ' clicks, the link ' || clicks.total AS detail,
    UTC(breakdowns.last_seen_at) AS seen_at
FROM snapshots AS breakdowns
JOIN snapshots AS clicks
    ON clicks.subject_id = breakdowns.subject_id
    AND clicks.facet_id = (SELECT facets.id FROM facets WHERE facets.name = 'clicks')
    AND clicks.window_id = breakdowns.window_id
    AND clicks.superseded_at IS NULL
    AND clicks.total <> breakdowns.total
JOIN facets
    ON facets.id = breakdowns.facet_id
    AND facets.proved_by = 'clicks'
    AND facets.name <> 'clicks'
JOIN windows ON windows.id = breakdowns.window_id AND windows.unit = 'day'
JOIN subjects ON subjects.id = breakdowns.subject_id AND subjects.kind = 'bitlink'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
WHERE breakdowns.superseded_at IS NULL
    AND NOT breakdowns.cut
    -- clicks come in for six hours after a day's end: what was seen before then may differ
    AND breakdowns.last_seen_at >= windows.starts_at + 86400 + 21600
    AND (
        clicks.last_seen_at >= windows.starts_at + 86400 + 21600
        -- clicks that were not asked again are as fresh as the proof that they did not move
        OR EXISTS (
            SELECT 1 FROM proofs
            JOIN bitlinks ON bitlinks.subject_id = breakdowns.subject_id
            WHERE proofs.group_id = subjects.group_id
                AND proofs.window_id = breakdowns.window_id
                AND proofs.seen_at >= windows.starts_at + 86400 + 21600
                AND subjects.joined_at <= proofs.seen_at
                AND (bitlinks.unlisted_at IS NULL OR bitlinks.unlisted_at > proofs.seen_at)
                AND (bitlinks.custom_of IS NULL OR proofs.customs)
        )
    )
UNION ALL
SELECT
    accounts.name,
    groups.guid,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    trust.detail || CASE
        WHEN trust.contradictions > 1 THEN ' (the last of ' || trust.contradictions || ')' ELSE ''
    END,
    UTC(trust.last_at)
FROM trust
JOIN groups ON groups.id = trust.group_id
JOIN accounts ON accounts.id = groups.account_id
WHERE trust.contradictions > 0
