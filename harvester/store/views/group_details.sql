-- Each group as last listed.
SELECT
    accounts.name AS account,
    groups.organization_guid,
    groups.guid AS group_guid,
    groups.name,
    groups.role,
    groups.is_active,
    UTC(groups.created_at) AS created_at,
    UTC(groups.modified_at) AS modified_at,
    UTC(groups.first_seen_at) AS first_seen_at,
    UTC(groups.last_seen_at) AS last_seen_at
FROM groups
JOIN accounts ON accounts.id = groups.account_id
