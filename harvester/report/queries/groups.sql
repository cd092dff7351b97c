-- The groups, and since when there are any clicks of theirs to know.
SELECT account, group_guid, name, created_at
FROM group_details
WHERE is_active
    -- AND its group chosen
ORDER BY account, group_guid
