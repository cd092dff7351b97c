-- Clicks of each link, the most clicked first.
SELECT
    clicked.bitlink AS name,
    clicked.account,
    coalesce(details.title, '') AS title,
    coalesce(details.link, '') AS link,
    clicked.clicks,
    count(*) OVER () AS links,
    sum(clicked.clicks) OVER () AS all_clicks
FROM (
    SELECT account, bitlink, sum(clicks) AS clicks
    FROM clicks_by_day
    WHERE unit = 'day' AND day BETWEEN :first AND :last
        -- AND chosen
    GROUP BY account, bitlink
) AS clicked
LEFT JOIN bitlink_details AS details
    ON details.account = clicked.account AND details.bitlink = clicked.bitlink
ORDER BY clicked.clicks DESC, clicked.bitlink, clicked.account
LIMIT :most
