-- Each change of a field of whatever is listed, links and groups too: what it was and became, when.
--
-- What became of whatever is listed: one row for each field that differed from the listing before. What
-- was not listed before is no change.
--
-- @account text
-- @roster text: what it is: `bitlinks`, `groups`, `organizations`, or a name of the setting `harvest.rosters`
-- @scope text: what it belongs to: a group's or another guid; empty for the account
-- @entity text: Bitly's id of it
-- @field text: the column of its view; `unlisted_at` says that it came back
-- @old text: the values as texts: lists as JSON, truth values as `true` and `false`, instants in UTC
-- @new text: the values as texts: lists as JSON, truth values as `true` and `false`, instants in UTC
-- @seen_at instant: when the listing began that showed `new`: it held at some time since the one before
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
