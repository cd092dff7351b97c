-- Worth a look: links that jumped or fell against their own past weeks; new countries and referrers.
--
-- Links whose clicks jumped or fell against their own past, and countries and referrers that a group did not
-- have before: in the seven days up to the last one that is wholly known, against the eight weeks before.
-- [reports.md](reports.md#anomalies) tells how it is judged, and what it cannot see.
--
-- @day date: the last of the seven days
-- @kind text: `jump`, `fall`, `new country` or `new referrer`
-- @account text
-- @group_guid text
-- @bitlink text
-- @label text: the country or referrer; null for a link
-- @clicks integer: clicks of the seven days
-- @usual integer: clicks of a usual week: the median of those before
-- @weeks integer: how many weeks before are wholly known, at least 4
WITH
-- CROSS JOIN keeps SQLite, which does not know how large a table is, from taking another order
anchors AS (
    -- each group's last day whose clicks were asked for when no more came in: six hours after its end
    SELECT
        group_windows.group_id,
        max(windows.starts_at) AS last_at,
        max(windows.day) AS day
    FROM group_windows
    JOIN facets ON facets.id = group_windows.facet_id AND facets.name = 'clicks'
    JOIN windows ON windows.id = group_windows.window_id AND windows.unit = 'day'
    WHERE group_windows.status <> 'open'
        AND group_windows.closed_at >= windows.starts_at + 86400 + 21600
    GROUP BY group_windows.group_id
),
newest AS (
    -- the windows of the nine weeks up to there, 0 the last one
    SELECT
        anchors.group_id,
        windows.id AS window_id,
        windows.unit,
        (anchors.last_at - windows.starts_at) / 604800 AS back
    FROM anchors
    JOIN windows
        ON windows.starts_at > anchors.last_at - 9 * 604800
        AND windows.starts_at <= anchors.last_at
),
known AS (
    -- the weeks all seven days of which are known, for each facet
    SELECT group_windows.group_id, group_windows.facet_id, newest.back
    FROM newest
    JOIN group_windows
        ON group_windows.group_id = newest.group_id
        AND group_windows.window_id = newest.window_id
        AND group_windows.status <> 'open'
    JOIN facets
        ON facets.id = group_windows.facet_id
        AND facets.name IN ('clicks', 'countries', 'referrers')
    WHERE newest.unit = 'day'
    GROUP BY group_windows.group_id, group_windows.facet_id, newest.back
    HAVING count(*) = 7
),
sums AS (
    SELECT
        clicked.subject_id,
        newest.back,
        CAST(sum(clicked.clicks) AS BIGINT) AS clicks
    FROM (SELECT DISTINCT window_id FROM newest WHERE unit = 'day') AS days
    CROSS JOIN clicked
    CROSS JOIN subjects
    CROSS JOIN newest
    WHERE clicked.window_id = days.window_id
        AND subjects.id = clicked.subject_id
        AND newest.group_id = subjects.group_id
        AND newest.window_id = clicked.window_id
    GROUP BY clicked.subject_id, newest.back
),
candidates AS (
    -- a change of 20 clicks takes a week of as many
    SELECT DISTINCT subjects.group_id, sums.subject_id
    FROM sums
    CROSS JOIN subjects
    WHERE sums.clicks >= 20 AND subjects.id = sums.subject_id AND subjects.kind = 'bitlink'
),
unknown AS (
    -- weeks of links of which a day is missing: they are not held to be weeks of few clicks
    SELECT DISTINCT missing.subject_id, newest.back
    FROM missing
    JOIN subjects ON subjects.id = missing.subject_id
    CROSS JOIN newest
    WHERE missing.facet_id = (SELECT facets.id FROM facets WHERE facets.name = 'clicks')
        AND newest.group_id = subjects.group_id
        AND newest.window_id = missing.window_id
        AND newest.unit = 'day'
),
weekly AS (
    -- each candidate's known weeks, with a zero for those without clicks since it was made
    SELECT
        candidates.group_id,
        candidates.subject_id,
        known.back,
        coalesce(sums.clicks, 0) AS clicks
    FROM candidates
    CROSS JOIN anchors
    CROSS JOIN known
    CROSS JOIN bitlinks
    LEFT JOIN sums ON sums.subject_id = candidates.subject_id AND sums.back = known.back
    WHERE anchors.group_id = candidates.group_id
        AND known.group_id = candidates.group_id
        AND known.facet_id = (SELECT facets.id FROM facets WHERE facets.name = 'clicks')
        AND bitlinks.subject_id = candidates.subject_id
        AND coalesce(bitlinks.created_at, 0) <= anchors.last_at - (7 * known.back + 6) * 86400
        AND NOT EXISTS (
            SELECT 1 FROM unknown
            WHERE unknown.subject_id = candidates.subject_id AND unknown.back = known.back
        )
),
held AS (
    -- windows from here on, no joins: PostgreSQL takes these for one row each, and joins them by loops
    SELECT
        weekly.*,
        max(CASE WHEN back = 0 THEN clicks END) OVER (PARTITION BY subject_id) AS latest
    FROM weekly
),
past AS (
    SELECT
        held.*,
        row_number() OVER of_subject AS place,
        count(*) OVER (of_subject ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS weeks
    FROM held
    WHERE back > 0 AND latest IS NOT NULL
    WINDOW of_subject AS (PARTITION BY subject_id ORDER BY clicks, back)
),
medians AS (
    SELECT
        past.*,
        max(CASE WHEN place = (weeks + 1) / 2 THEN clicks END) OVER (PARTITION BY subject_id)
            AS usual
    FROM past
    WHERE weeks >= 4
),
distances AS (
    SELECT
        group_id,
        subject_id,
        latest AS clicks,
        usual,
        weeks,
        latest - usual AS change,
        abs(clicks - usual) AS away,
        row_number() OVER (PARTITION BY subject_id ORDER BY abs(clicks - usual)) AS place
    FROM medians
    WHERE abs(latest - usual) >= 20 AND (latest >= 2 * usual OR 4 * latest <= usual)
),
judged AS (
    -- 16 is four deviations, squared; of counts, the least there can be is the root of the usual
    SELECT group_id, subject_id, clicks, usual, weeks, change
    FROM distances
    WHERE place = weeks / 2 + 1
        AND change * change > 16 * usual
        AND change * change > 32 * away * away
),
spans AS (
    -- few of the many snapshots of a link are read
    SELECT group_id, min(window_id) AS first_id, max(window_id) AS last_id
    FROM newest
    GROUP BY group_id
),
broken AS (
    -- what is broken down by country and referrer
    SELECT newest.group_id, snapshots.facet_id, newest.back, snapshots.id AS snapshot_id
    FROM spans
    JOIN subjects ON subjects.group_id = spans.group_id AND subjects.kind = 'bitlink'
    JOIN facets ON facets.name IN ('countries', 'referrers')
    JOIN snapshots
        ON snapshots.subject_id = subjects.id
        AND snapshots.facet_id = facets.id
        AND snapshots.window_id BETWEEN spans.first_id AND spans.last_id
        AND snapshots.superseded_at IS NULL
    CROSS JOIN newest
    WHERE newest.group_id = spans.group_id AND newest.window_id = snapshots.window_id
),
labelled AS (
    SELECT
        broken.group_id,
        broken.facet_id,
        metrics.label_id,
        CAST(sum(metrics.clicks) AS BIGINT) AS clicks
    FROM broken
    JOIN metrics ON metrics.snapshot_id = broken.snapshot_id
    WHERE broken.back = 0
    GROUP BY broken.group_id, broken.facet_id, metrics.label_id
    HAVING sum(metrics.clicks) >= 10
),
fresh AS (
    SELECT group_id, facet_id, label_id FROM labelled
    EXCEPT
    SELECT broken.group_id, broken.facet_id, metrics.label_id
    FROM broken
    JOIN metrics ON metrics.snapshot_id = broken.snapshot_id
    WHERE broken.back > 0
)
SELECT
    anchors.day,
    CASE WHEN judged.change > 0 THEN 'jump' ELSE 'fall' END AS kind,
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS bitlink,
    CAST(NULL AS TEXT) AS label,
    judged.clicks,
    judged.usual,
    judged.weeks
FROM judged
JOIN anchors ON anchors.group_id = judged.group_id
JOIN subjects ON subjects.id = judged.subject_id
JOIN groups ON groups.id = judged.group_id
JOIN accounts ON accounts.id = groups.account_id
UNION ALL
SELECT
    anchors.day,
    CASE facets.name WHEN 'countries' THEN 'new country' ELSE 'new referrer' END,
    accounts.name,
    groups.guid,
    NULL,
    labels.c1,
    labelled.clicks,
    0,
    past.weeks
FROM fresh
JOIN labelled
    ON labelled.group_id = fresh.group_id
    AND labelled.facet_id = fresh.facet_id
    AND labelled.label_id = fresh.label_id
JOIN anchors ON anchors.group_id = labelled.group_id
JOIN (
    SELECT group_id, facet_id, count(*) AS weeks
    FROM known
    WHERE back > 0
    GROUP BY group_id, facet_id
) AS past
    ON past.group_id = labelled.group_id AND past.facet_id = labelled.facet_id AND past.weeks >= 4
JOIN facets ON facets.id = labelled.facet_id
JOIN labels ON labels.id = labelled.label_id AND labels.c1 <> ''
JOIN groups ON groups.id = labelled.group_id
JOIN accounts ON accounts.id = groups.account_id
