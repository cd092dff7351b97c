-- All that is known of the clicks of each range of days in `[[attribution]]`.
--
-- @name text: what the bitlink was used for
-- @bitlink text
-- @since date: the first day
-- @until date: the last day
-- @clicks integer: clicks of the bitlink on these days, of all accounts that have it; custom back-halves are bitlinks of their own
-- @clicked_days integer: on how many of the days it had any
-- @missing_days integer: how many days of its clicks are in `harvest_missing`
SELECT
    attributions.name,
    attributions.bitlink,
    attributions.since,
    attributions.until,
    (
        SELECT CAST(coalesce(sum(facts.clicks), 0) AS BIGINT)
        FROM clicks_by_day AS facts
        WHERE facts.bitlink = attributions.bitlink
            AND facts.unit = 'day'
            AND facts.day BETWEEN attributions.since AND attributions.until
    ) AS clicks,
    (
        SELECT CAST(count(*) AS INTEGER)
        FROM clicks_by_day AS facts
        WHERE facts.bitlink = attributions.bitlink
            AND facts.unit = 'day'
            AND facts.day BETWEEN attributions.since AND attributions.until
    ) AS clicked_days,
    (
        SELECT CAST(count(*) AS INTEGER)
        FROM harvest_missing AS gaps
        WHERE gaps.bitlink = attributions.bitlink
            AND gaps.facet = 'clicks'
            AND gaps.unit = 'day'
            AND gaps.day BETWEEN attributions.since AND attributions.until
    ) AS missing_days
FROM attributions
