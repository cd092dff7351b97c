-- Which process harvests an account at present; one that has expired was left by a crash.
SELECT
    account,
    holder,
    UTC(taken_at) AS taken_at,
    UTC(expires_at) AS expires_at
FROM leases
