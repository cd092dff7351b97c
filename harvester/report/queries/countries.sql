-- Clicks by country.
SELECT coalesce(country, '') AS name, sum(clicks) AS clicks
FROM clicks_by_country
WHERE day BETWEEN :first AND :last
    -- AND chosen
GROUP BY 1
ORDER BY 2 DESC, 1
