"""The count of a facet's windows: how many of a group's subjects are known, proved, missing."""

from types import SimpleNamespace
from typing import Any, Final, Protocol

from sqlalchemy import bindparam, text

from harvester.domain.snapshots import Reason
from harvester.store.gaps import UNASKED

# One line per window of one facet. `missing` is what harvest_missing lists, `put_off` and `unasked`
# (with the reasons why) keep a window open, `retriable` keeps it from being settled, and `seen_at`
# is the oldest observation that a later run may renew. `contradictions` are those that
# harvest_contradictions lists.
COUNTS: Final = text("""
SELECT
    window_id,
    count(*) FILTER (WHERE listed) AS links,
    count(*) FILTER (
        WHERE NOT proved AND (reason IS NOT NULL OR cut OR (listed AND NOT seen))
    ) AS missing,
    count(*) FILTER (WHERE contradicts) AS contradictions,
    count(*) FILTER (WHERE listed AND NOT proved AND NOT seen AND reason IS NULL) AS unasked,
    count(*) FILTER (WHERE alive AND NOT proved AND NOT seen AND reason IN :put_off) AS put_off,
    count(*) FILTER (WHERE alive AND NOT proved AND reason NOT IN :final) AS retriable,
    min(CASE WHEN alive AND coalesce(reason NOT IN :final, TRUE) THEN seen_at END) AS seen_at
FROM (
    SELECT
        window_id,
        alive,
        listed,
        seen,
        cut,
        reason,
        -- as in harvest_contradictions: what was seen until six hours after a day's end may differ
        kind = 'bitlink' AND day_ended_at IS NOT NULL
            AND seen AND NOT cut AND NOT is_series AND total <> clicks
            AND seen_at >= day_ended_at + 21600
            AND (clicks_at >= day_ended_at + 21600 OR covered_at >= day_ended_at + 21600)
            AS contradicts,
        in_coarse OR CASE
            WHEN clicks IS NULL THEN covered_at IS NOT NULL ELSE clicks = 0 AND NOT is_series
        END AS proved,
        -- what adds up to its clicks is as fresh as they are, and they as fresh as their proof
        CASE
            WHEN seen AND NOT is_series AND clicks > 0 AND total <> clicks THEN seen_at
            WHEN covered_at > coalesce(seen_at, 0) AND covered_at > coalesce(clicks_at, 0)
                THEN covered_at
            WHEN clicks_at > coalesce(seen_at, 0) THEN clicks_at
            ELSE seen_at
        END AS seen_at
    FROM (
        SELECT
            windows.id AS window_id,
            CASE WHEN windows.unit = 'day' THEN windows.starts_at + 86400 END AS day_ended_at,
            bitlinks.gone_at IS NULL AS alive,
            bitlinks.gone_at IS NULL AND bitlinks.unlisted_at IS NULL AND (
                subjects.kind = 'bitlink' OR subjects.id NOT IN (
                    SELECT entities.subject_id FROM entities
                    WHERE entities.subject_id IS NOT NULL
                    GROUP BY entities.subject_id
                    HAVING count(*) = count(entities.unlisted_at)
                )
            ) AS listed,
            subjects.kind,
            :facet = :series AS is_series,
            known.id IS NOT NULL AS seen,
            known.total,
            known.last_seen_at AS seen_at,
            coalesce(known.cut, FALSE) AS cut,
            clicks.total AS clicks,
            clicks.last_seen_at AS clicks_at,
            CASE
                WHEN subjects.joined_at <= proofs.seen_at
                    AND (bitlinks.unlisted_at IS NULL OR bitlinks.unlisted_at > proofs.seen_at)
                    AND (bitlinks.custom_of IS NULL OR proofs.customs) THEN proofs.seen_at
            END AS covered_at,
            missing.reason,
            EXISTS (
                SELECT 1 FROM coarse
                WHERE coarse.subject_id = subjects.id
                    AND coarse.facet_id = :facet
                    AND windows.starts_at >= coarse.starts_at
                    AND windows.starts_at < coarse.ends_at
            ) AS in_coarse
        FROM subjects
        JOIN windows ON windows.id IN :windows
        LEFT JOIN bitlinks ON bitlinks.subject_id = subjects.id
        LEFT JOIN proofs
            ON proofs.group_id = :proved
            AND proofs.window_id = windows.id
        LEFT JOIN snapshots AS known
            ON known.subject_id = subjects.id
            AND known.facet_id = :facet
            AND known.window_id = windows.id
            AND known.superseded_at IS NULL
        LEFT JOIN snapshots AS clicks
            ON clicks.subject_id = subjects.id
            AND clicks.facet_id = :series
            AND clicks.window_id = windows.id
            AND clicks.superseded_at IS NULL
        LEFT JOIN missing
            ON missing.subject_id = subjects.id
            AND missing.facet_id = :facet
            AND missing.window_id = windows.id
        WHERE subjects.group_id = :group AND subjects.kind = :kind
    ) AS stored
) AS places
GROUP BY window_id
""").bindparams(
    bindparam("windows", expanding=True),
    bindparam("put_off", sorted(reason.value for reason in UNASKED), expanding=True),
    bindparam("final", sorted(reason.value for reason in Reason if reason.final), expanding=True),
)


class Count(Protocol):
    """A line of `COUNTS`."""

    links: int
    missing: int
    contradictions: int
    unasked: int
    put_off: int
    retriable: int
    seen_at: int | None


NOTHING: Final[Any] = SimpleNamespace(
    links=0, missing=0, contradictions=0, unasked=0, put_off=0, retriable=0, seen_at=None
)
