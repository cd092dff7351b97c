-- The channels of each campaign as last listed.
--
-- @account text
-- @campaign text: Bitly's id of the campaign
-- @channel text: Bitly's id of the channel
SELECT
    accounts.name AS account,
    members.scope AS campaign,
    members.guid AS channel
FROM entities AS members
JOIN accounts ON accounts.id = members.account_id
WHERE members.roster = 'campaign_channels' AND members.unlisted_at IS NULL
