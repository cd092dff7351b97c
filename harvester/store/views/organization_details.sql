-- Each organization as last listed.
--
-- Every organization that the token saw, as last listed.
--
-- @account text
-- @organization_guid text: Bitly's id of it
-- @name text: its name
-- @tier text: the plan
-- @tier_name text: the plan
-- @last_seen_at instant: when it was listed last
SELECT
    accounts.name AS account,
    organizations.guid AS organization_guid,
    organizations.name,
    organizations.tier,
    organizations.tier_name,
    UTC(organizations.last_seen_at) AS last_seen_at
FROM organizations
JOIN accounts ON accounts.id = organizations.account_id
