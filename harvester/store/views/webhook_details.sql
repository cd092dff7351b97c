-- Each webhook of an organization as last listed, without its secrets.
--
-- Every webhook that was ever listed, as last seen. Its secrets are not read, and of its URL no more than
-- scheme and host: the rest may hold a key.
--
-- @account text
-- @organization_guid text: the organization it is of
-- @webhook text: Bitly's id of it
-- @group_guid text: the group whose clicks it tells, may be null
-- @name text: as Bitly gives them, may be null
-- @event text: as Bitly gives them, may be null
-- @origin text: scheme and host of its URL
-- @status text: as Bitly gives them, may be null
-- @is_active boolean: truth values; null where Bitly does not say
-- @is_alert boolean: truth values; null where Bitly does not say
-- @fetch_tags boolean: truth values; null where Bitly does not say
-- @modified_by text: login, may be null
-- @created_at instant: instants, may be null
-- @modified_at instant: instants, may be null
-- @alerted_at instant: instants, may be null
-- @deactivated_at instant: instants, may be null
-- @first_seen_at instant: when a listing showed it first and last
-- @last_seen_at instant: when a listing showed it first and last
-- @unlisted_at instant: when a listing did not show it any more; null if it is listed
SELECT
    accounts.name AS account,
    entities.scope AS organization_guid,
    entities.guid AS webhook,
    FIELD(entities.details, group_guid) AS group_guid,
    FIELD(entities.details, name) AS name,
    FIELD(entities.details, event) AS event,
    FIELD(entities.details, origin) AS origin,
    FIELD(entities.details, status) AS status,
    CAST(FIELD(entities.details, is_active) AS BOOLEAN) AS is_active,
    CAST(FIELD(entities.details, is_alert) AS BOOLEAN) AS is_alert,
    CAST(FIELD(entities.details, fetch_tags) AS BOOLEAN) AS fetch_tags,
    FIELD(entities.details, modified_by) AS modified_by,
    UTC(FIELD(entities.details, created_at)) AS created_at,
    UTC(FIELD(entities.details, modified_at)) AS modified_at,
    UTC(FIELD(entities.details, alerted_at)) AS alerted_at,
    UTC(FIELD(entities.details, deactivated_at)) AS deactivated_at,
    UTC(entities.first_seen_at) AS first_seen_at,
    UTC(entities.last_seen_at) AS last_seen_at,
    UTC(entities.unlisted_at) AS unlisted_at
FROM entities
JOIN accounts ON accounts.id = entities.account_id
WHERE entities.roster = 'webhooks'
