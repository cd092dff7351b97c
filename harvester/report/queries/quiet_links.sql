-- Links that were clicked in the period before and not at all in this one.
SELECT
    earlier.bitlink AS name,
    earlier.account,
    coalesce(details.title, '') AS title,
    coalesce(details.link, '') AS link,
    earlier.clicks,
    count(*) OVER () AS links,
    sum(earlier.clicks) OVER () AS all_clicks
FROM (
    SELECT account, bitlink, sum(clicks) AS clicks
    FROM clicks_by_day
    WHERE unit = 'day' AND day BETWEEN :before AND :last
        -- AND chosen
    GROUP BY account, bitlink
    HAVING max(day) < :first
) AS earlier
LEFT JOIN bitlink_details AS details
    ON details.account = earlier.account AND details.bitlink = earlier.bitlink
ORDER BY earlier.clicks DESC, earlier.bitlink, earlier.account
LIMIT :most
