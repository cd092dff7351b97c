-- Each run of an account: what it was to do, what it did, how it ended.
SELECT
    accounts.name AS account,
    runs.id AS run,
    UTC(runs.started_at) AS started_at,
    UTC(runs.finished_at) AS finished_at,
    runs.since,
    runs.until,
    runs.strategy,
    runs.outcome,
    runs.requests,
    runs.retries,
    runs.snapshots,
    runs.rows,
    runs.missing,
    runs.detail
FROM runs
JOIN accounts ON accounts.id = runs.account_id
