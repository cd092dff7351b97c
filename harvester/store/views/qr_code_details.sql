-- Each QR code as last listed; `bitlink` names the link that it belongs to, if it is one's.
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
