-- Clicks by hour, where hours were harvested.
SELECT hour, sum(clicks) AS clicks
FROM clicks_by_hour
WHERE day BETWEEN :first AND :last
    -- AND chosen
GROUP BY hour
ORDER BY hour
