-- Queries that people need, the same on SQLite and PostgreSQL. Each runs in the tests, on both.
-- :words are for you to fill in. Days are written '2026-11-01'.

-- 1. The ten best links of a period
SELECT bitlink, sum(clicks) AS clicks
FROM clicks_by_day
WHERE day BETWEEN :first AND :last
GROUP BY bitlink
ORDER BY clicks DESC, bitlink
LIMIT 10;

-- 2. A link together with its custom back-halves, of all time
SELECT account, coalesce(custom_of, bitlink) AS link, sum(clicks) AS clicks
FROM bitlink_totals
GROUP BY account, coalesce(custom_of, bitlink)
ORDER BY clicks DESC, link;

-- 3. A series for a chart: a day without a row is not known, and no zero
SELECT day, clicks
FROM clicks_by_day_filled
WHERE bitlink = :bitlink
ORDER BY day;

-- 4. Clicks per day of all groups, with what is not known and what may still change
SELECT
    day,
    sum(clicks) AS clicks,
    sum(CASE WHEN is_known THEN 0 ELSE 1 END) AS groups_not_known,
    sum(CASE WHEN is_provisional THEN 1 ELSE 0 END) AS groups_provisional
FROM group_totals_by_day
WHERE day BETWEEN :first AND :last
GROUP BY day
ORDER BY day;

-- 5. A period beside the one before it
SELECT
    group_guid,
    sum(CASE WHEN day >= :first THEN clicks ELSE 0 END) AS clicks,
    sum(CASE WHEN day < :first THEN clicks ELSE 0 END) AS clicks_before
FROM group_totals_by_day
WHERE day BETWEEN :before AND :last
GROUP BY group_guid
ORDER BY group_guid;

-- 6. Months by group, and whether they may be reported yet
SELECT month, group_guid, clicks, days_missing = 0 AND days_provisional = 0 AS is_final
FROM group_totals_by_month
ORDER BY month, group_guid;

-- 7. Top countries of a period
SELECT country, sum(clicks) AS clicks
FROM clicks_by_country
WHERE day BETWEEN :first AND :last
GROUP BY country
ORDER BY clicks DESC, country
LIMIT 20;

-- 8. The share of each device in a period
SELECT device_type, sum(clicks) AS clicks, 100.0 * sum(clicks) / sum(sum(clicks)) OVER () AS percent
FROM clicks_by_device
WHERE day BETWEEN :first AND :last
GROUP BY device_type
ORDER BY clicks DESC;

-- 9. Clicks by the campaign that the long URLs name
SELECT details.utm_campaign, details.utm_source, sum(facts.clicks) AS clicks
FROM clicks_by_day AS facts
JOIN bitlink_details AS details
    ON details.account = facts.account AND details.bitlink = facts.bitlink
WHERE facts.day BETWEEN :first AND :last
GROUP BY details.utm_campaign, details.utm_source
ORDER BY clicks DESC, utm_campaign, utm_source;

-- 10. Tags by their clicks of the last 30 days
SELECT tag, sum(bitlinks) AS bitlinks, sum(clicks_30d) AS clicks_30d
FROM tag_totals
GROUP BY tag
ORDER BY clicks_30d DESC, tag;

-- 11. Links that nobody has clicked for the last 30 days, though they were clicked once
SELECT bitlink, clicks, last_clicked_day
FROM bitlink_totals
WHERE clicks > 0 AND clicks_30d = 0
ORDER BY clicks DESC, bitlink;

-- 12. Links that were never clicked, as far as is known
SELECT totals.bitlink, details.title
FROM bitlink_totals AS totals
JOIN bitlink_details AS details
    ON details.account = totals.account AND details.bitlink = totals.bitlink
WHERE totals.clicks = 0 AND totals.missing_days = 0 AND details.unlisted_at IS NULL
ORDER BY totals.bitlink;

-- 13. What was known of a day's clicks at an instant, such as '2026-11-03T00:00:00Z'
SELECT day, sum(clicks) AS clicks
FROM facts_known
WHERE facet = 'clicks'
    AND known_from <= :at
    AND (known_until > :at OR known_until IS NULL)
GROUP BY day
ORDER BY day;

-- 14. What Bitly changed afterwards, when nobody expects it any more
SELECT day, bitlink, facet, old_clicks, new_clicks, seen_at
FROM restated_days
WHERE was_final
ORDER BY seen_at DESC, day, bitlink, facet;

-- 15. May a period be reported yet?
SELECT status, count(*) AS group_days, sum(missing) AS missing
FROM harvest_coverage
WHERE unit = 'day' AND day BETWEEN :first AND :last
GROUP BY status
ORDER BY status;

-- 16. What is missing, and why
SELECT facet, reason, count(*) AS windows, min(day) AS first, max(day) AS last
FROM harvest_missing
GROUP BY facet, reason
ORDER BY windows DESC, facet, reason;

-- 17. By how much is each breakdown off its clicks?
SELECT facet, count(*) AS days, sum(facet_clicks - clicks) AS too_many
FROM harvest_contradictions
WHERE facet IS NOT NULL
GROUP BY facet
ORDER BY days DESC, facet;

-- 18. Requests by endpoint in a period
SELECT account, endpoint, sum(requests) AS requests
FROM harvest_requests
WHERE day BETWEEN :first AND :last
GROUP BY account, endpoint
ORDER BY requests DESC, endpoint;

-- 19. What has changed of what is listed since an instant
SELECT roster, entity, field, old, new, seen_at
FROM roster_changes
WHERE seen_at >= :at
ORDER BY seen_at, roster, entity, field;

-- 20. What is worth a look, the largest changes first
SELECT bitlink, kind, clicks, usual
FROM anomalies
WHERE bitlink IS NOT NULL
ORDER BY abs(clicks - usual) DESC, bitlink;

-- 21. Clicks per local day of a period, and how many of these numbers are not exact
SELECT
    day,
    sum(clicks) AS clicks,
    sum(CASE WHEN is_exact THEN 0 ELSE 1 END) AS not_exact
FROM clicks_by_local_day
WHERE day BETWEEN :first AND :last
GROUP BY day
ORDER BY day;

-- 22. What each event or campaign that used a link got of its clicks
SELECT bitlink, attribution, min(day) AS first, max(day) AS last, sum(clicks) AS clicks
FROM clicks_by_attribution
GROUP BY bitlink, attribution
ORDER BY bitlink, first;
