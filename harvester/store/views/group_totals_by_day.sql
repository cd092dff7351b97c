-- Clicks of each group on each day that was wanted: whether all are known, whether they may change.
--
-- @day date
-- @account text
-- @group_guid text
-- @clicks integer: clicks that are known so far, 0 included
-- @is_known boolean: whether the clicks of all its bitlinks are known
-- @is_provisional boolean: whether the day is asked for again: it is not settled
-- @bitlinks_missing integer: of how many bitlinks the clicks are not known
SELECT
    windows.day,
    accounts.name AS account,
    groups.guid AS group_guid,
    coalesce(sums.clicks, 0) AS clicks,
    group_windows.status <> 'open' AND group_windows.missing = 0 AS is_known,
    group_windows.status <> 'settled' AS is_provisional,
    group_windows.missing AS bitlinks_missing
FROM group_windows
JOIN facets ON facets.id = group_windows.facet_id AND facets.name = 'clicks'
JOIN windows ON windows.id = group_windows.window_id AND windows.unit = 'day'
JOIN groups ON groups.id = group_windows.group_id
JOIN accounts ON accounts.id = groups.account_id
LEFT JOIN (
    SELECT
        subjects.group_id,
        clicked.window_id,
        CAST(sum(clicked.clicks) AS BIGINT) AS clicks
    FROM clicked
    JOIN subjects ON subjects.id = clicked.subject_id
    GROUP BY subjects.group_id, clicked.window_id
) AS sums ON sums.group_id = group_windows.group_id AND sums.window_id = group_windows.window_id
