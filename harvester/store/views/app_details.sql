-- Each app that made a link, as it was called when it was asked.
--
-- Every app that made a link, asked once: what is behind a link's `client_id`.
--
-- @account text
-- @client_id text: Bitly's id of the app
-- @name text: as Bitly gives them, may be null
-- @description text: as Bitly gives them, may be null
-- @link text: as Bitly gives them, may be null
-- @first_seen_at instant: when a listing showed it first and last
-- @last_seen_at instant: when a listing showed it first and last
-- @unlisted_at instant: when a listing did not show it any more; null if it is listed
SELECT
    accounts.name AS account,
    entities.guid AS client_id,
    FIELD(entities.details, name) AS name,
    FIELD(entities.details, description) AS description,
    FIELD(entities.details, link) AS link,
    UTC(entities.first_seen_at) AS first_seen_at,
    UTC(entities.last_seen_at) AS last_seen_at,
    UTC(entities.unlisted_at) AS unlisted_at
FROM entities
JOIN accounts ON accounts.id = entities.account_id
WHERE entities.roster = 'apps'
