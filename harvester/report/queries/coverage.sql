-- What is known of the clicks of each group's days.
SELECT day, account, group_guid, status, missing, reason
FROM harvest_coverage_by_facet
WHERE facet = 'clicks' AND unit = 'day' AND day BETWEEN :first AND :last
    -- AND its group chosen
ORDER BY day, account, group_guid
