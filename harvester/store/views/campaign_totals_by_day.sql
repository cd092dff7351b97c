-- Clicks of each campaign on each day that had any, over all bitlinks that belong to it now.
--
-- @day date
-- @account text
-- @group_guid text
-- @campaign text: Bitly's id of the campaign
-- @clicks integer: clicks, above 0
SELECT
    windows.day,
    accounts.name AS account,
    groups.guid AS group_guid,
    marked.value AS campaign,
    CAST(sum(clicked.clicks) AS BIGINT) AS clicks
FROM clicked
JOIN windows ON windows.id = clicked.window_id AND windows.unit = 'day'
JOIN subjects ON subjects.id = clicked.subject_id
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
JOIN (
    SELECT bitlinks.subject_id, listed.value
    FROM bitlinks, EACH(bitlinks.campaign_ids) AS listed
) AS marked ON marked.subject_id = subjects.id
GROUP BY windows.day, accounts.name, groups.guid, marked.value
