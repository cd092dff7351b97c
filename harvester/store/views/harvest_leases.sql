-- Which process harvests an account at present; one that has expired was left by a crash.
--
-- Which process harvests an account at present: no other one does on the same database.
--
-- @account text
-- @holder text: host, process id and a random end, `nas:4711:1f9a0c`
-- @taken_at instant: when that process took the account
-- @expires_at instant: until when, if it does not renew it: a lease that has expired was left by a crash
SELECT
    account,
    holder,
    UTC(taken_at) AS taken_at,
    UTC(expires_at) AS expires_at
FROM leases
