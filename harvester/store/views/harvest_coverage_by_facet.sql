-- How complete a group's window is, for each facet: open, complete or settled, and what is missing.
--
-- @account text
-- @group_guid text
-- @facet text
-- @day date
-- @unit text
-- @status text: as in `harvest_coverage`
-- @links integer: bitlinks of the group when the day was last closed
-- @missing integer: how many of them are not known
-- @reason text: as in `harvest_coverage`
-- @closed_at instant: when a run last came to its end over this day; null if none has
SELECT
    accounts.name AS account,
    groups.guid AS group_guid,
    facets.name AS facet,
    windows.day,
    windows.unit,
    group_windows.status,
    group_windows.links,
    group_windows.missing,
    group_windows.reason,
    UTC(group_windows.closed_at) AS closed_at
FROM group_windows
JOIN groups ON groups.id = group_windows.group_id
JOIN accounts ON accounts.id = groups.account_id
JOIN facets ON facets.id = group_windows.facet_id
JOIN windows ON windows.id = group_windows.window_id
