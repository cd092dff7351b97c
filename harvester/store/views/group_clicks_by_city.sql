-- Clicks of all bitlinks of a group by city, as Bitly adds them up.
--
-- Clicks of a whole group by city (facet `group_cities`).
--
-- @day date
-- @unit text
-- @account text
-- @group_guid text
-- @city text: as in `clicks_by_city`; `(other cities)` and `(no city)` too
-- @subregion text: as in `clicks_by_city`; `(other cities)` and `(no city)` too
-- @region text: as in `clicks_by_city`; `(other cities)` and `(no city)` too
-- @country text: as in `clicks_by_city`; `(other cities)` and `(no city)` too
-- @clicks integer: clicks, above 0
SELECT
    windows.day,
    windows.unit,
    accounts.name AS account,
    groups.guid AS group_guid,
    labels.c1 AS city,
    labels.c2 AS subregion,
    labels.c3 AS region,
    labels.c4 AS country,
    metrics.clicks
FROM snapshots
JOIN facets ON facets.id = snapshots.facet_id AND facets.name = 'group_cities'
JOIN windows ON windows.id = snapshots.window_id
JOIN subjects ON subjects.id = snapshots.subject_id AND subjects.kind = 'group'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
JOIN metrics ON metrics.snapshot_id = snapshots.id
JOIN labels ON labels.id = metrics.label_id
WHERE snapshots.superseded_at IS NULL
