-- Each logo of the QR codes of a group as last listed.
--
-- Every logo of a group's QR codes that was ever listed.
--
-- @account text
-- @group_guid text
-- @image_guid text: Bitly's id of it
-- @url text: where it is, without what follows a `?`, which may be a signature
-- @first_seen_at instant: when a listing showed it first and last
-- @last_seen_at instant: when a listing showed it first and last
-- @unlisted_at instant: when a listing did not show it any more; null if it is listed
SELECT
    accounts.name AS account,
    entities.scope AS group_guid,
    entities.guid AS image_guid,
    FIELD(entities.details, url) AS url,
    UTC(entities.first_seen_at) AS first_seen_at,
    UTC(entities.last_seen_at) AS last_seen_at,
    UTC(entities.unlisted_at) AS unlisted_at
FROM entities
JOIN accounts ON accounts.id = entities.account_id
WHERE entities.roster = 'qr_logo_images'
