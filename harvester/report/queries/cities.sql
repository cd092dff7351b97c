-- Clicks by city. Cities of one name are told apart by region and country.
SELECT
    coalesce(city, '') AS name,
    coalesce(region, '') AS region,
    coalesce(country, '') AS country,
    sum(clicks) AS clicks
FROM clicks_by_city
WHERE day BETWEEN :first AND :last
    -- AND chosen
GROUP BY 1, 2, 3
ORDER BY 4 DESC, 1, 2, 3
