-- Clicks by referrer.
SELECT coalesce(referrer, '') AS name, sum(clicks) AS clicks
FROM clicks_by_referrer
WHERE day BETWEEN :first AND :last
    -- AND chosen
GROUP BY 1
ORDER BY 2 DESC, 1
