-- How complete a group's window is, for each facet: open, complete or settled, and what is missing.
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
