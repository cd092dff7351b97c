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
    CAST(sum(clicked.clicks) AS BIGINT) AS clicks
FROM clicked
JOIN windows ON windows.id = clicked.window_id AND windows.unit = 'day'
JOIN subjects ON subjects.id = clicked.subject_id
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
JOIN (
    SELECT bitlinks.subject_id, listed.value
    FROM bitlinks, EACH(bitlinks.tags) AS listed
) AS marked ON marked.subject_id = subjects.id
GROUP BY windows.day, accounts.name, groups.guid, marked.value
