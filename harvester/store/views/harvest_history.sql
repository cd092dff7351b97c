-- How far back Bitly shows each group, and how that is known.
SELECT
    accounts.name AS account,
    groups.guid AS group_guid,
    -- PostgreSQL may look at the value before the name: other facts are no numbers
    CASE
        WHEN profiles.name LIKE 'history_days %' AND profiles.value <> 'none'
        THEN CAST(replace(profiles.value, '+', '') AS INTEGER)
    END AS days,
    replace(profiles.value, '+', '') = profiles.value AS is_sure,
    profiles.source,
    profiles.detail,
    UTC(profiles.seen_at) AS since
FROM profiles
JOIN accounts ON accounts.id = profiles.account_id
JOIN groups
    ON groups.account_id = profiles.account_id
    AND profiles.name = 'history_days ' || groups.guid
