-- How many links a filter leaves.
SELECT count(*) AS links
FROM bitlink_details
WHERE TRUE
    -- AND chosen
