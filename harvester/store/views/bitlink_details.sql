-- Each bitlink and custom back-half as last listed; `custom_of` names the link it leads to.
SELECT
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS bitlink,
    owners.name AS custom_of,
    bitlinks.link,
    bitlinks.long_url,
    bitlinks.title,
    UTC(bitlinks.created_at) AS created_at,
    bitlinks.created_by,
    bitlinks.archived,
    bitlinks.tags,
    UTC(bitlinks.first_seen_at) AS first_seen_at,
    UTC(bitlinks.last_seen_at) AS last_seen_at,
    UTC(bitlinks.unlisted_at) AS unlisted_at,
    UTC(bitlinks.gone_at) AS gone_at
FROM bitlinks
JOIN subjects ON subjects.id = bitlinks.subject_id
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
LEFT JOIN subjects AS owners ON owners.id = bitlinks.custom_of
