-- The requests of each day by endpoint, as charged before they were sent: never too few.
SELECT
    accounts.name AS account,
    ledger.day,
    ledger.endpoint,
    ledger.requests
FROM ledger
JOIN accounts ON accounts.id = ledger.account_id
WHERE ledger.requests > 0
