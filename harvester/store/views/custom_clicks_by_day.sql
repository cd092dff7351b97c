-- Clicks of a custom back-half on a domain of one's own, whatever link it led to; days with any.
--
-- Clicks of a custom back-half on a domain of one's own (facet `custom_clicks`), whatever link it led to
-- at the time. Those of the same name in `clicks_by_day` are Bitly's other count of it: do not add them up.
--
-- @day date
-- @unit text
-- @account text
-- @group_guid text
-- @custom_bitlink text: `domain/back-half`
-- @clicks integer: clicks, above 0
SELECT
    windows.day,
    windows.unit,
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS custom_bitlink,
    snapshots.total AS clicks
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'custom_clicks'
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id AND subjects.kind = 'custom_bitlink'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
WHERE snapshots.superseded_at IS NULL AND snapshots.total > 0
