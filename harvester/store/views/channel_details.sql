-- Each channel as last listed.
--
-- Every channel that was ever listed, as last seen.
--
-- @account text
-- @channel text: Bitly's id of it
-- @group_guid text: the group it is of
-- @name text: may be null
-- @created_at instant: instants, as Bitly gives them
-- @modified_at instant: instants, as Bitly gives them
-- @first_seen_at instant: when a listing showed it first and last
-- @last_seen_at instant: when a listing showed it first and last
-- @unlisted_at instant: when a listing did not show it any more; null if it is listed
SELECT
    accounts.name AS account,
    entities.guid AS channel,
    FIELD(entities.details, group_guid) AS group_guid,
    FIELD(entities.details, name) AS name,
    UTC(FIELD(entities.details, created_at)) AS created_at,
    UTC(FIELD(entities.details, modified_at)) AS modified_at,
    UTC(entities.first_seen_at) AS first_seen_at,
    UTC(entities.last_seen_at) AS last_seen_at,
    UTC(entities.unlisted_at) AS unlisted_at
FROM entities
JOIN accounts ON accounts.id = entities.account_id
WHERE entities.roster = 'channels'
