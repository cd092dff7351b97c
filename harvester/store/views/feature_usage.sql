-- How much of each feature a group uses, as last told.
--
-- How much of each feature a group uses, as last told; what it was before is in `roster_changes`.
--
-- @account text
-- @group_guid text
-- @feature text: the feature's name
-- @description text: may be null
-- @used integer: how much of it is used
-- @first_seen_at instant: when a listing showed it first and last
-- @last_seen_at instant: when a listing showed it first and last
-- @unlisted_at instant: when a listing did not show it any more; null if it is listed
SELECT
    accounts.name AS account,
    entities.scope AS group_guid,
    entities.guid AS feature,
    FIELD(entities.details, description) AS description,
    CAST(FIELD(entities.details, used) AS BIGINT) AS used,
    UTC(entities.first_seen_at) AS first_seen_at,
    UTC(entities.last_seen_at) AS last_seen_at,
    UTC(entities.unlisted_at) AS unlisted_at
FROM entities
JOIN accounts ON accounts.id = entities.account_id
WHERE entities.roster = 'feature_usage'
