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
anchors AS (
    -- each group's last day whose clicks were asked for when no more came in: six hours after its end
    SELECT group_windows.group_id, max(windows.starts_at) AS last_at
    FROM group_windows
    JOIN facets ON facets.id = group_windows.facet_id AND facets.name = 'clicks'
    JOIN windows ON windows.id = group_windows.window_id AND windows.unit = 'day'
    WHERE group_windows.status <> 'open'
        AND group_windows.closed_at >= windows.starts_at + 86400 + 21600
    GROUP BY group_windows.group_id
),
known AS (
    -- the weeks back from there, 0 the last one, all seven days of which are known, for each facet
    SELECT
        group_windows.group_id,
        group_windows.facet_id,
        (anchors.last_at - windows.starts_at) / 604800 AS back
    FROM anchors
    JOIN group_windows
        ON group_windows.group_id = anchors.group_id AND group_windows.status <> 'open'
    JOIN windows
        ON windows.id = group_windows.window_id
        AND windows.unit = 'day'
        AND windows.starts_at > anchors.last_at - 9 * 604800
        AND windows.starts_at <= anchors.last_at
    GROUP BY
        group_windows.group_id,
        group_windows.facet_id,
        (anchors.last_at - windows.starts_at) / 604800
    HAVING count(*) = 7
),
clicked AS (
    SELECT
        subjects.group_id,
        snapshots.subject_id,
        (anchors.last_at - windows.starts_at) / 604800 AS back,
        CAST(sum(snapshots.total) AS BIGINT) AS clicks
    FROM anchors
    JOIN windows
        ON windows.unit = 'day'
        AND windows.starts_at > anchors.last_at - 9 * 604800
        AND windows.starts_at <= anchors.last_at
    JOIN subjects ON subjects.group_id = anchors.group_id AND subjects.kind = 'bitlink'
    JOIN snapshots
        ON snapshots.subject_id = subjects.id
        AND snapshots.facet_id = (SELECT facets.id FROM facets WHERE facets.name = 'clicks')
        AND snapshots.window_id = windows.id
        AND snapshots.superseded_at IS NULL
    GROUP BY
        subjects.group_id,
        snapshots.subject_id,
        (anchors.last_at - windows.starts_at) / 604800
),
unknown AS (
    -- weeks of links of which a day is missing: they are not held to be weeks of few clicks
    SELECT DISTINCT
        missing.subject_id,
        (anchors.last_at - windows.starts_at) / 604800 AS back
    FROM missing
    JOIN subjects ON subjects.id = missing.subject_id
    JOIN anchors ON anchors.group_id = subjects.group_id
    JOIN windows
        ON windows.id = missing.window_id
        AND windows.unit = 'day'
        AND windows.starts_at > anchors.last_at - 9 * 604800
        AND windows.starts_at <= anchors.last_at
    WHERE missing.facet_id = (SELECT facets.id FROM facets WHERE facets.name = 'clicks')
),
weekly AS (
    -- each clicked link's known weeks, with a zero for those without clicks since it was made
    SELECT
        candidates.group_id,
        candidates.subject_id,
        known.back,
        coalesce(clicked.clicks, 0) AS clicks
    FROM (SELECT DISTINCT group_id, subject_id FROM clicked) AS candidates
    JOIN anchors ON anchors.group_id = candidates.group_id
    JOIN bitlinks ON bitlinks.subject_id = candidates.subject_id
    JOIN known
        ON known.group_id = candidates.group_id
        AND known.facet_id = (SELECT facets.id FROM facets WHERE facets.name = 'clicks')
        AND coalesce(bitlinks.created_at, 0) <= anchors.last_at - (7 * known.back + 6) * 86400
    LEFT JOIN clicked
        ON clicked.subject_id = candidates.subject_id AND clicked.back = known.back
    WHERE NOT EXISTS (
        SELECT 1 FROM unknown
        WHERE unknown.subject_id = candidates.subject_id AND unknown.back = known.back
    )
),
past AS (
    SELECT
        subject_id,
        clicks,
        row_number() OVER (PARTITION BY subject_id ORDER BY clicks, back) AS place,
        count(*) OVER (PARTITION BY subject_id) AS weeks
    FROM weekly
    WHERE back > 0
),
medians AS (
    SELECT subject_id, clicks AS usual, weeks FROM past WHERE weeks >= 4 AND place = (weeks + 1) / 2
),
distances AS (
    SELECT
        past.subject_id,
        abs(past.clicks - medians.usual) AS away,
        row_number() OVER (
            PARTITION BY past.subject_id ORDER BY abs(past.clicks - medians.usual)
        ) AS place
    FROM past
    JOIN medians ON medians.subject_id = past.subject_id
),
judged AS (
    SELECT
        weekly.group_id,
        weekly.subject_id,
        weekly.clicks,
        medians.usual,
        medians.weeks,
        weekly.clicks - medians.usual AS change,
        -- 16 is four deviations, squared; of counts, the least there can be is the root of the usual
        16 * CASE
            WHEN 2 * distances.away * distances.away > medians.usual
            THEN 2 * distances.away * distances.away
            ELSE medians.usual
        END AS allowed
    FROM weekly
    JOIN medians ON medians.subject_id = weekly.subject_id
    JOIN distances
        ON distances.subject_id = weekly.subject_id AND distances.place = medians.weeks / 2 + 1
    WHERE weekly.back = 0
),
labelled AS (
    SELECT
        subjects.group_id,
        snapshots.facet_id,
        metrics.label_id,
        max((anchors.last_at - windows.starts_at) / 604800) AS oldest,
        CAST(sum(metrics.clicks) AS BIGINT) AS clicks
    FROM anchors
    JOIN windows
        ON windows.starts_at > anchors.last_at - 9 * 604800
        AND windows.starts_at <= anchors.last_at
    JOIN subjects ON subjects.group_id = anchors.group_id AND subjects.kind = 'bitlink'
    JOIN facets ON facets.name IN ('countries', 'referrers')
    JOIN snapshots
        ON snapshots.subject_id = subjects.id
        AND snapshots.facet_id = facets.id
        AND snapshots.window_id = windows.id
        AND snapshots.superseded_at IS NULL
    JOIN metrics ON metrics.snapshot_id = snapshots.id
    GROUP BY subjects.group_id, snapshots.facet_id, metrics.label_id
)
SELECT
    windows.day,
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
JOIN windows ON windows.unit = 'day' AND windows.starts_at = anchors.last_at
JOIN subjects ON subjects.id = judged.subject_id
JOIN groups ON groups.id = judged.group_id
JOIN accounts ON accounts.id = groups.account_id
WHERE abs(judged.change) >= 20
    AND judged.change * judged.change > judged.allowed
    AND (judged.clicks >= 2 * judged.usual OR 4 * judged.clicks <= judged.usual)
UNION ALL
SELECT
    windows.day,
    CASE facets.name WHEN 'countries' THEN 'new country' ELSE 'new referrer' END,
    accounts.name,
    groups.guid,
    NULL,
    labels.c1,
    labelled.clicks,
    0,
    past.weeks
FROM labelled
JOIN anchors ON anchors.group_id = labelled.group_id
JOIN windows ON windows.unit = 'day' AND windows.starts_at = anchors.last_at
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
WHERE labelled.oldest = 0 AND labelled.clicks >= 10
