-- The days whose hours were harvested.
SELECT DISTINCT day
FROM harvest_coverage_by_facet
WHERE facet = 'clicks_by_hour' AND status <> 'open' AND day BETWEEN :first AND :last
    -- AND its group chosen
ORDER BY day
