-- The campaigns of each bitlink and custom back-half as last listed: a row for each of them.
--
-- The campaigns of each bitlink and custom back-half as last listed: one row for each.
--
-- @account text
-- @campaign text: Bitly's id of the campaign
-- @name text: its name, null where the plan does not tell of campaigns
-- @group_guid text
-- @bitlink text
SELECT
    accounts.name AS account,
    campaign.value AS campaign,
    FIELD(campaigns.details, name) AS name,
    groups.guid AS group_guid,
    subjects.name AS bitlink
FROM bitlinks
JOIN subjects ON subjects.id = bitlinks.subject_id
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
CROSS JOIN EACH(bitlinks.campaign_ids) AS campaign
LEFT JOIN entities AS campaigns
    ON campaigns.account_id = subjects.account_id
    AND campaigns.roster = 'campaigns'
    AND campaigns.scope = ''
    AND campaigns.guid = campaign.value
