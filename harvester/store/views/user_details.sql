-- The user behind each account, as last told.
--
-- Whose token it is, as last told. Addresses of electronic mail are not read.
--
-- @account text
-- @login text: as Bitly gives them
-- @name text: as Bitly gives them
-- @is_active boolean: truth value
-- @default_group_guid text: may be null
-- @created_at instant: instants, as Bitly gives them
-- @modified_at instant: instants, as Bitly gives them
-- @first_seen_at instant: when a listing showed it first and last
-- @last_seen_at instant: when a listing showed it first and last
-- @unlisted_at instant: when a listing did not show it any more; null if it is listed
SELECT
    accounts.name AS account,
    entities.guid AS login,
    FIELD(entities.details, name) AS name,
    CAST(FIELD(entities.details, is_active) AS BOOLEAN) AS is_active,
    FIELD(entities.details, default_group_guid) AS default_group_guid,
    UTC(FIELD(entities.details, created_at)) AS created_at,
    UTC(FIELD(entities.details, modified_at)) AS modified_at,
    UTC(entities.first_seen_at) AS first_seen_at,
    UTC(entities.last_seen_at) AS last_seen_at,
    UTC(entities.unlisted_at) AS unlisted_at
FROM entities
JOIN accounts ON accounts.id = entities.account_id
WHERE entities.roster = 'users'
