-- Each QR code as last listed; `bitlink` names the link that it belongs to, if it is one's.
--
-- Every QR code that was ever listed, as last seen. Its scans are of the code, the clicks of its link are
-- the link's: do not add the two without knowing if Bitly counts the one among the other.
--
-- @account text
-- @group_guid text
-- @qr_code text: Bitly's id of the code
-- @bitlink text: the link that it belongs to; null for a code of its own
-- @title text: as Bitly gives them, may be null
-- @type text: as Bitly gives them, may be null
-- @long_urls text: JSON list of where it leads, or null
-- @content text: what is drawn in it, may be null
-- @is_customized boolean: truth values; null where Bitly does not say
-- @is_gs1 boolean: truth values; null where Bitly does not say
-- @archived boolean: truth values; null where Bitly does not say
-- @created_by text: login, may be null
-- @created_at instant: instants, as Bitly gives them
-- @modified_at instant: instants, as Bitly gives them
-- @first_seen_at instant: when a listing showed it first and last
-- @last_seen_at instant: when a listing showed it first and last
-- @unlisted_at instant: when a listing did not show it any more; null if it is listed
SELECT
    accounts.name AS account,
    entities.scope AS group_guid,
    entities.guid AS qr_code,
    FIELD(entities.details, bitlink) AS bitlink,
    FIELD(entities.details, title) AS title,
    FIELD(entities.details, type) AS type,
    FIELD(entities.details, long_urls) AS long_urls,
    FIELD(entities.details, content) AS content,
    CAST(FIELD(entities.details, is_customized) AS BOOLEAN) AS is_customized,
    CAST(FIELD(entities.details, is_gs1) AS BOOLEAN) AS is_gs1,
    CAST(FIELD(entities.details, archived) AS BOOLEAN) AS archived,
    FIELD(entities.details, created_by) AS created_by,
    UTC(FIELD(entities.details, created_at)) AS created_at,
    UTC(FIELD(entities.details, modified_at)) AS modified_at,
    UTC(entities.first_seen_at) AS first_seen_at,
    UTC(entities.last_seen_at) AS last_seen_at,
    UTC(entities.unlisted_at) AS unlisted_at
FROM entities
JOIN accounts ON accounts.id = entities.account_id
WHERE entities.roster = 'qr_codes'
