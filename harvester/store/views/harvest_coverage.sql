-- How complete a group's window is over all facets (the worst counts), with its clicks so far.
--
-- How complete each group's day is, over all facets; the worst counts.
--
-- @account text
-- @group_guid text
-- @day date
-- @unit text
-- @status text: `open`: something has not been asked. `complete`: everything is known, or missing for a reason. `settled`: complete, and seen so long after its end that it is not asked for again
-- @clicks integer: clicks of the group's bitlinks that are known so far
-- @missing integer: how many (bitlink, facet) of the day are not known
-- @reason text: why something was not asked, where a run knew: `quota`, `interrupted`
SELECT
    accounts.name AS account,
    groups.guid AS group_guid,
    windows.day,
    windows.unit,
    CASE worst.rank WHEN 0 THEN 'open' WHEN 1 THEN 'complete' ELSE 'settled' END AS status,
    (
        SELECT CAST(coalesce(sum(clicked.clicks), 0) AS BIGINT)
        FROM subjects
        JOIN clicked ON clicked.subject_id = subjects.id AND clicked.window_id = worst.window_id
        WHERE subjects.group_id = worst.group_id
    ) AS clicks,
    worst.missing,
    worst.reason
FROM (
    SELECT
        group_id,
        window_id,
        min(CASE status WHEN 'open' THEN 0 WHEN 'complete' THEN 1 ELSE 2 END) AS rank,
        sum(missing) AS missing,
        min(reason) AS reason
    FROM group_windows
    GROUP BY group_id, window_id
) AS worst
JOIN groups ON groups.id = worst.group_id
JOIN accounts ON accounts.id = groups.account_id
JOIN windows ON windows.id = worst.window_id
