-- Clicks by day of the links that are shown.
SELECT account, bitlink AS name, day, sum(clicks) AS clicks
FROM clicks_by_day
WHERE unit = 'day' AND day BETWEEN :first AND :last AND bitlink IN :names
    -- AND chosen
GROUP BY account, bitlink, day
ORDER BY account, bitlink, day
