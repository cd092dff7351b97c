-- What is not known of the period, and why.
SELECT facet, reason, count(*) AS windows, min(day) AS first, max(day) AS last
FROM harvest_missing
WHERE day BETWEEN :first AND :last
    -- AND chosen
GROUP BY facet, reason
ORDER BY 3 DESC, 1, 2
