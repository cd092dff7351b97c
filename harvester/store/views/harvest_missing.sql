-- What is not known, and why: asked in vain, cut at the API's size, or not asked at all.
--
-- Everything that was wanted and is not known. A day that is part of a stored week or month is known, coarsely:
-- it is not listed.
--
-- | reason | means | and then |
-- |---|---|---|
-- | `gone` | 404 or 410: there is no such link any more | when it is listed again, or 30 days later if it is listed still; what is stored stays |
-- | `forbidden` | 403 for this link: another account's, or taken away | asked again by the next run |
-- | `not in plan` | 402: the plan does not hold this facet | asked again a week later, or when the plan changes |
-- | `history` | older than what the plan shows, or zero where clicks were seen before | when the plan shows more |
-- | `unanswered` | errors, time-outs or broken connections, after all attempts | asked again by the next run |
-- | `unreadable` | an answer of unknown shape | asked again by the next run |
-- | `rejected` | 400: Bitly did not take the question | asked again by the next run |
-- | `cut` | the answer was as long as it may be; what it held is stored | not asked again |
-- | `quota` | today's share of the month's requests is spent, or all that is not left to others | from `next_attempt_at` on, the most valuable first |
-- | `interrupted` | the run ended before its turn came | by the next run |
-- | `not asked` | no run has come to it yet | by the next run |
--
-- @account text
-- @group_guid text
-- @bitlink text
-- @facet text
-- @day date
-- @unit text
-- @reason text: see below
-- @detail text: one line about the last attempt
-- @attempts integer: how often it was asked for in vain
-- @last_attempt_at instant: instant of the last attempt; null if there was none
-- @next_attempt_at instant: instant from which it can be asked for, where the quota or the plan puts it off; null: by the next run, if at all
-- @kind text
-- @subject text
SELECT
    accounts.name AS account,
    groups.guid AS group_guid,
    CASE subjects.kind WHEN 'bitlink' THEN subjects.name END AS bitlink,
    facets.name AS facet,
    windows.day,
    windows.unit,
    gaps.reason,
    gaps.detail,
    gaps.attempts,
    UTC(gaps.last_attempt_at) AS last_attempt_at,
    UTC(gaps.next_attempt_at) AS next_attempt_at,
    subjects.kind,
    subjects.name AS subject
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
    JOIN facets ON facets.id = group_windows.facet_id
    JOIN subjects
        ON subjects.group_id = group_windows.group_id
        AND subjects.kind = facets.kind
    LEFT JOIN bitlinks ON bitlinks.subject_id = subjects.id
    LEFT JOIN refusals
        ON refusals.group_id = group_windows.group_id
        AND refusals.facet_id = group_windows.facet_id
    WHERE (group_windows.status = 'open' OR group_windows.missing > 0)
        AND bitlinks.unlisted_at IS NULL
        AND bitlinks.gone_at IS NULL
        AND (
            subjects.kind = 'bitlink'
            OR subjects.id NOT IN (
                SELECT entities.subject_id FROM entities
                WHERE entities.subject_id IS NOT NULL
                GROUP BY entities.subject_id
                HAVING count(*) = count(entities.unlisted_at)
            )
        )
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
JOIN subjects ON subjects.id = gaps.subject_id
JOIN groups ON groups.id = subjects.group_id
JOIN accounts ON accounts.id = subjects.account_id
JOIN facets ON facets.id = gaps.facet_id
JOIN windows ON windows.id = gaps.window_id
-- what has nothing in a window, by the series that a facet breaks down, has no rows in it
WHERE NOT EXISTS (
    SELECT 1 FROM snapshots
    WHERE facets.name <> facets.proved_by
        AND snapshots.subject_id = gaps.subject_id
        AND snapshots.facet_id = (
            SELECT series.id FROM facets AS series WHERE series.name = facets.proved_by
        )
        AND snapshots.window_id = gaps.window_id
        AND snapshots.superseded_at IS NULL
        AND snapshots.total = 0
)
-- nor has a link that is covered by a proof of its group's, and has no clicks stored
AND NOT EXISTS (
    SELECT 1 FROM proofs
    JOIN bitlinks ON bitlinks.subject_id = gaps.subject_id
    WHERE facets.proved_by = 'clicks'
        AND proofs.group_id = subjects.group_id
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
