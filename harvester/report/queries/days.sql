-- Clicks of each day. A day that is not here had none, or is not known: see coverage.
SELECT day, sum(clicks) AS clicks
FROM clicks_by_day
WHERE unit = 'day' AND day BETWEEN :first AND :last
    -- AND chosen
GROUP BY day
ORDER BY day
