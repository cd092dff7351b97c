-- When each roster was last listed, and why it cannot be, where that is so.
--
-- When each roster was last read to its end, and why it cannot be, where that is so.
--
-- @account text
-- @roster text: its name, as in the setting `harvest.rosters`
-- @scope text: what it is of: a group's or another guid; empty for the account
-- @listed_at instant: when all of it was listed last; null: never
-- @reason text: why the last try failed; null if it did not
-- @detail text: why the last try failed; null if it did not
-- @retry_at instant: when it is asked for again; null: by the next run
SELECT
    accounts.name AS account,
    listings.roster,
    listings.scope,
    UTC(listings.listed_at) AS listed_at,
    listings.reason,
    listings.detail,
    UTC(listings.retry_at) AS retry_at
FROM listings
JOIN accounts ON accounts.id = listings.account_id
