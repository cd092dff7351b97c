-- What each account's API was seen to do where its documentation is silent.
--
-- What each account's API was seen to do where Bitly's documentation is silent;
-- [operations.md](operations.md#what-bitly-does-not-document) tells what the names mean.
--
-- @account text
-- @name text: what is known, such as `window_rule` and `bucket`
-- @value text: what is known, such as `window_rule` and `bucket`
-- @source text: `probe` for what `harvest check --probe` found, else how it became known
-- @detail text: how it is known, in one line
-- @seen_at instant: instant when it was found out
SELECT
    accounts.name AS account,
    profiles.name,
    profiles.value,
    profiles.source,
    profiles.detail,
    UTC(profiles.seen_at) AS seen_at
FROM profiles
JOIN accounts ON accounts.id = profiles.account_id
