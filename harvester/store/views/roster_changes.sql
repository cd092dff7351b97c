-- Each change of a field of whatever is listed, links and groups too: what it was and became, when.
SELECT
    accounts.name AS account,
    changes.roster,
    changes.scope,
    changes.guid AS entity,
    changes.field,
    changes.old,
    changes.new,
    UTC(changes.seen_at) AS seen_at
FROM changes
JOIN accounts ON accounts.id = changes.account_id
