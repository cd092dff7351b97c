-- Each run of an account: what it was to do, what it did, how it ended.
--
-- @account text
-- @run integer: number of the run
-- @started_at instant: instants; no end means that it runs still, or was killed
-- @finished_at instant: instants; no end means that it runs still, or was killed
-- @since date: first and last day wanted
-- @until date: first and last day wanted
-- @strategy text: `economical` or `exhaustive`
-- @outcome text: `complete`, `incomplete`, `unanswered`, `not authorised`, `quota`, `interrupted`, `failed`
-- @requests integer: requests sent, retries included
-- @retries integer: how many of them were retries
-- @snapshots integer: snapshots stored as new
-- @rows integer: facet rows stored as new
-- @missing integer: (bitlink, facet, day) of the range that were not known at its end
-- @detail text: one line, where something stopped it
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
