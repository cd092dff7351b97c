-- What each account's API was seen to do where its documentation is silent.
SELECT
    accounts.name AS account,
    profiles.name,
    profiles.value,
    profiles.source,
    profiles.detail,
    UTC(profiles.seen_at) AS seen_at
FROM profiles
JOIN accounts ON accounts.id = profiles.account_id
