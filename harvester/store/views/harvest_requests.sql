-- The requests of each day by endpoint, as charged before they were sent: never too few.
--
-- The request ledger: each request, each attempt for itself, is charged to it before it is sent. So it is
-- never below what Bitly counted of this harvester's requests, whatever happened. A crash leaves it above by
-- what was charged ahead, at most 32 requests of each endpoint. What other programs sent is not in it.
--
-- @account text
-- @day date: UTC day of the requests
-- @endpoint text: template of the endpoint, such as `/bitlinks/{bitlink}/clicks`
-- @requests integer: requests charged
SELECT
    accounts.name AS account,
    ledger.day,
    ledger.endpoint,
    ledger.requests
FROM ledger
JOIN accounts ON accounts.id = ledger.account_id
WHERE ledger.requests > 0
