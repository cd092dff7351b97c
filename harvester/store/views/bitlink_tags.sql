-- The tags of each bitlink and custom back-half as last listed: a row for each of them.
--
-- The tags of each bitlink and custom back-half as last listed: one row for each.
--
-- @account text
-- @group_guid text
-- @bitlink text
-- @tag text: the tag
SELECT
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS bitlink,
    tag.value AS tag
FROM bitlinks
JOIN subjects ON subjects.id = bitlinks.subject_id
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
CROSS JOIN EACH(bitlinks.tags) AS tag
