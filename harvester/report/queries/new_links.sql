-- Links that were made in the period, the most clicked first.
SELECT
    details.bitlink AS name,
    details.account,
    coalesce(details.title, '') AS title,
    coalesce(details.link, '') AS link,
    coalesce(sum(clicked.clicks), 0) AS clicks,
    count(*) OVER () AS links,
    coalesce(sum(sum(clicked.clicks)) OVER (), 0) AS all_clicks
FROM bitlink_details AS details
LEFT JOIN clicks_by_day AS clicked
    ON clicked.account = details.account
    AND clicked.bitlink = details.bitlink
    AND clicked.unit = 'day'
    AND clicked.day BETWEEN :first AND :last
WHERE details.created_at >= :start AND details.created_at < :end
    AND details.custom_of IS NULL
    -- AND chosen of details
GROUP BY details.bitlink, details.account, details.title, details.link
ORDER BY 5 DESC, 1, 2
LIMIT :most
