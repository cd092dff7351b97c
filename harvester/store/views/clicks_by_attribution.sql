-- Clicks of the bitlinks that `[[attribution]]` splits, by what each was used for on the day.
--
-- @day date
-- @account text
-- @group_guid text
-- @bitlink text
-- @attribution text: the name of the range of days that the day is in; `outside` if it is in none
-- @clicks integer: clicks, above 0
SELECT
    facts.day,
    facts.account,
    facts.group_guid,
    facts.bitlink,
    coalesce(attributions.name, 'outside') AS attribution,
    facts.clicks
FROM clicks_by_day AS facts
LEFT JOIN attributions
    ON attributions.bitlink = facts.bitlink
    AND facts.day BETWEEN attributions.since AND attributions.until
WHERE facts.unit = 'day'
    AND facts.bitlink IN (SELECT attributions.bitlink FROM attributions)
