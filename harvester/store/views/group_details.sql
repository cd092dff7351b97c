-- Each group as last listed.
--
-- @account text
-- @organization_guid text: Bitly's id of the organization
-- @group_guid text
-- @name text: the group's name
-- @role text: the token's role in it
-- @is_active boolean: truth value
-- @created_at instant: instants, as Bitly gives them
-- @modified_at instant: instants, as Bitly gives them
-- @first_seen_at instant: when it was listed first and last
-- @last_seen_at instant: when it was listed first and last
SELECT
    accounts.name AS account,
    groups.organization_guid,
    groups.guid AS group_guid,
    groups.name,
    groups.role,
    groups.is_active,
    UTC(groups.created_at) AS created_at,
    UTC(groups.modified_at) AS modified_at,
    UTC(groups.first_seen_at) AS first_seen_at,
    UTC(groups.last_seen_at) AS last_seen_at
FROM groups
JOIN accounts ON accounts.id = groups.account_id
