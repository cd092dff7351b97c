-- Clicks of the links that are shown, in the period before.
SELECT account, bitlink AS name, sum(clicks) AS clicks
FROM clicks_by_day
WHERE unit = 'day' AND day BETWEEN :first AND :last AND bitlink IN :names
    -- AND chosen
GROUP BY account, bitlink
