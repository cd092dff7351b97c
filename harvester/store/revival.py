"""Links that come back: listed again after they were not, or still listed long after being gone.

What was not asked of them meanwhile is wanted again, and what was proved of their group meanwhile
said nothing of them.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, text

GONE_FOR: Final = int(timedelta(days=30).total_seconds())
"""Seconds after which a link that is gone, but listed all the same, is asked for again."""

_BACK: Final = text("""
SELECT
    min(coalesce(gone_at, unlisted_at)) AS since,
    min(CASE WHEN unlisted_at IS NOT NULL THEN unlisted_at END) AS unlisted_at
FROM bitlinks
WHERE subject_id IN :subjects AND (unlisted_at IS NOT NULL OR gone_at <= :long_ago)
""").bindparams(bindparam("subjects", expanding=True))

# Days that were over for good when the link went are not wanted again, nor are those without facts.
_REOPEN: Final = text("""
UPDATE group_windows SET status = 'open'
WHERE group_id = :group
    AND coalesce(reason, '') <> 'history'
    AND (
        window_id IN (SELECT id FROM windows WHERE starts_at > :since - 86400)
        OR window_id IN (
            SELECT window_id FROM proofs WHERE group_id = :group AND seen_at >= :unlisted_at
        )
        OR window_id IN (
            SELECT window_id FROM missing WHERE reason = 'gone' AND subject_id IN :subjects
        )
    )
""").bindparams(bindparam("subjects", expanding=True))

_FORGET: Final = text("""
DELETE FROM proofs
WHERE group_id = :group
    AND seen_at >= :unlisted_at
    AND EXISTS (
        SELECT 1 FROM group_windows
        WHERE group_windows.group_id = proofs.group_id
            AND group_windows.window_id = proofs.window_id
            AND group_windows.status = 'open'
    )
""")


def revive(connection: Connection, group_id: int, subject_ids: Sequence[int], at: int) -> None:
    """Want again what was not asked of those of the listed subjects that come back `at` a second.

    Comes before their rows say that they are there. What lies beyond the plan's history stays.
    """
    subjects = list(subject_ids)
    row = connection.execute(_BACK, {"subjects": subjects, "long_ago": at - GONE_FOR}).one()
    if row.since is None:
        return
    never = at + 1
    asked = {"group": group_id, "unlisted_at": row.unlisted_at or never}
    connection.execute(_REOPEN, {**asked, "since": row.since, "subjects": subjects})
    connection.execute(_FORGET, asked)
