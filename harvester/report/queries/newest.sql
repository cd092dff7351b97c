-- The newest day that was harvested whole by a group.
SELECT max(day) AS day
FROM harvest_coverage_by_facet
WHERE facet = 'clicks' AND unit = 'day' AND status <> 'open'
    -- AND its group chosen
