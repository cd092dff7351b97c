-- What is not known, and why: asked in vain, cut at the API's size, or not asked at all.
SELECT
    accounts.name AS account,
    groups.guid AS group_guid,
    subjects.name AS bitlink,
    facets.name AS facet,
    windows.day,
    windows.unit,
    gaps.reason,
    gaps.detail,
    gaps.attempts,
    UTC(gaps.last_attempt_at) AS last_attempt_at,
    UTC(gaps.next_attempt_at) AS next_attempt_at
FROM (
    SELECT
        subject_id,
        facet_id,
        window_id,
        reason,
        detail,
        attempts,
        last_at AS last_attempt_at,
        CAST(NULL AS BIGINT) AS next_attempt_at
    FROM missing
    UNION ALL
    SELECT
        snapshots.subject_id,
        snapshots.facet_id,
        snapshots.window_id,
        'cut',
        'the answer was as long as it may be: more rows may exist',
        1,
        snapshots.last_seen_at,
        NULL
    FROM snapshots
    WHERE snapshots.cut
        AND snapshots.superseded_at IS NULL
        AND NOT EXISTS (
            SELECT 1 FROM missing
            WHERE missing.subject_id = snapshots.subject_id
                AND missing.facet_id = snapshots.facet_id
                AND missing.window_id = snapshots.window_id
        )
    UNION ALL
    SELECT
        subjects.id,
        group_windows.facet_id,
        group_windows.window_id,
        coalesce(group_windows.reason, refusals.reason, 'not asked'),
        coalesce(refusals.detail, ''),
        0,
        refusals.last_at,
        coalesce(group_windows.retry_at, refusals.retry_at)
    FROM group_windows
    JOIN subjects ON subjects.group_id = group_windows.group_id AND subjects.kind = 'bitlink'
    JOIN bitlinks ON bitlinks.subject_id = subjects.id
    LEFT JOIN refusals
        ON refusals.group_id = group_windows.group_id
        AND refusals.facet_id = group_windows.facet_id
    WHERE (group_windows.status = 'open' OR group_windows.missing > 0)
        AND bitlinks.unlisted_at IS NULL
        AND bitlinks.gone_at IS NULL
        AND NOT EXISTS (
            SELECT 1 FROM missing
            WHERE missing.subject_id = subjects.id
                AND missing.facet_id = group_windows.facet_id
                AND missing.window_id = group_windows.window_id
        )
        AND NOT EXISTS (
            SELECT 1 FROM snapshots
            WHERE snapshots.subject_id = subjects.id
                AND snapshots.facet_id = group_windows.facet_id
                AND snapshots.window_id = group_windows.window_id
                AND snapshots.superseded_at IS NULL
        )
) AS gaps
JOIN subjects ON subjects.id = gaps.subject_id AND subjects.kind = 'bitlink'
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
JOIN facets ON facets.id = gaps.facet_id
JOIN windows ON windows.id = gaps.window_id
-- a link without clicks in a window has no rows in any other facet of it
WHERE NOT EXISTS (
    SELECT 1 FROM snapshots
    WHERE facets.name <> 'clicks'
        AND snapshots.subject_id = gaps.subject_id
        AND snapshots.facet_id = (SELECT id FROM facets WHERE name = 'clicks')
        AND snapshots.window_id = gaps.window_id
        AND snapshots.superseded_at IS NULL
        AND snapshots.total = 0
)
-- nor has one that is covered by a proof of its group's, and has no clicks stored
AND NOT EXISTS (
    SELECT 1 FROM proofs
    JOIN bitlinks ON bitlinks.subject_id = gaps.subject_id
    WHERE proofs.group_id = subjects.group_id
        AND proofs.window_id = gaps.window_id
        AND subjects.joined_at <= proofs.seen_at
        AND (bitlinks.unlisted_at IS NULL OR bitlinks.unlisted_at > proofs.seen_at)
        AND (bitlinks.custom_of IS NULL OR proofs.customs)
        AND NOT EXISTS (
            SELECT 1 FROM snapshots
            WHERE snapshots.subject_id = gaps.subject_id
                AND snapshots.facet_id = (SELECT id FROM facets WHERE name = 'clicks')
                AND snapshots.window_id = gaps.window_id
                AND snapshots.superseded_at IS NULL
        )
)
-- nor is a day missing that is part of a week or month that is stored
AND NOT EXISTS (
    SELECT 1 FROM coarse
    WHERE coarse.subject_id = gaps.subject_id
        AND coarse.facet_id = gaps.facet_id
        AND coarse.window_id <> gaps.window_id
        AND windows.starts_at >= coarse.starts_at
        AND windows.starts_at < coarse.ends_at
)
