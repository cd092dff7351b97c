-- What each bitlink and back-half was like, and from when until when: its former values and today's.
--
-- What each bitlink and custom back-half was like from when until when: its former values, and those of
-- today. A change is seen when a listing shows it, so `valid_from` may be late by the time between two
-- (`harvest.refresh_days`), and nothing is known of the time before the first.
--
-- @account text
-- @bitlink text
-- @field text: `long_url`, `title`, `tags`, `archived`, `campaign_ids`, `group_guid`, `custom_of`; another column of `bitlink_details` if it ever changed
-- @value text: the value as text, may be null; truth values as `true` and `false`
-- @valid_from instant: when a listing showed it first
-- @valid_until instant: when a listing showed another value first; null: it holds today
WITH former AS (
    SELECT
        account_id,
        guid,
        field,
        old,
        seen_at,
        lag(seen_at) OVER (PARTITION BY account_id, guid, field ORDER BY seen_at) AS since
    FROM changes
    WHERE roster = 'bitlinks' AND field NOT IN ('unlisted_at', 'gone_at')
),
latest AS (
    SELECT account_id, guid, field, max(seen_at) AS since
    FROM changes
    WHERE roster = 'bitlinks'
    GROUP BY account_id, guid, field
),
fields AS (
    SELECT 'group_guid' AS field
    UNION ALL SELECT 'custom_of'
    UNION ALL SELECT 'long_url'
    UNION ALL SELECT 'title'
    UNION ALL SELECT 'tags'
    UNION ALL SELECT 'archived'
    UNION ALL SELECT 'campaign_ids'
)
SELECT
    accounts.name AS account,
    subjects.name AS bitlink,
    former.field,
    former.old AS value,
    UTC(coalesce(former.since, bitlinks.first_seen_at)) AS valid_from,
    UTC(former.seen_at) AS valid_until
FROM former
JOIN subjects
    ON subjects.account_id = former.account_id
    AND subjects.kind = 'bitlink'
    AND subjects.name = former.guid
JOIN bitlinks ON bitlinks.subject_id = subjects.id
JOIN accounts ON accounts.id = former.account_id
UNION ALL
SELECT
    accounts.name,
    subjects.name,
    fields.field,
    CASE fields.field
        WHEN 'group_guid' THEN groups.guid
        WHEN 'custom_of' THEN owners.name
        WHEN 'long_url' THEN bitlinks.long_url
        WHEN 'title' THEN bitlinks.title
        WHEN 'tags' THEN bitlinks.tags
        WHEN 'archived' THEN CASE WHEN bitlinks.archived THEN 'true' ELSE 'false' END
        WHEN 'campaign_ids' THEN bitlinks.campaign_ids
    END,
    UTC(coalesce(latest.since, bitlinks.first_seen_at)),
    UTC(NULL)
FROM bitlinks
JOIN subjects ON subjects.id = bitlinks.subject_id AND subjects.kind = 'bitlink'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
CROSS JOIN fields
LEFT JOIN subjects AS owners ON owners.id = bitlinks.custom_of
LEFT JOIN latest
    ON latest.account_id = subjects.account_id
    AND latest.guid = subjects.name
    AND latest.field = fields.field
