-- How much of each feature a group used in each period, as last told.
--
-- How much of each feature a group used in each month of the last year.
--
-- @account text
-- @group_guid text
-- @feature text: the feature's name
-- @unit text: the period's length
-- @starts_at instant: when it began
-- @used integer: how much was used
-- @first_seen_at instant: when a listing showed it first and last
-- @last_seen_at instant: when a listing showed it first and last
-- @unlisted_at instant: when a listing did not show it any more; null if it is listed
SELECT
    accounts.name AS account,
    entities.scope AS group_guid,
    FIELD(entities.details, feature) AS feature,
    FIELD(entities.details, unit) AS unit,
    UTC(FIELD(entities.details, starts_at)) AS starts_at,
    CAST(FIELD(entities.details, used) AS BIGINT) AS used,
    UTC(entities.first_seen_at) AS first_seen_at,
    UTC(entities.last_seen_at) AS last_seen_at,
    UTC(entities.unlisted_at) AS unlisted_at
FROM entities
JOIN accounts ON accounts.id = entities.account_id
WHERE entities.roster = 'historical_usage'
