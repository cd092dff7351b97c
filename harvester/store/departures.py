"""What becomes doubtful when bitlinks leave a group, and what is kept of those that come back.

A proof says of all links of a group at once that they had no clicks. Where a link is in the group
no more, or was away for a while, what held of it is written down before the proofs stop to say so.
"""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Select,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from harvester.store.tables import (
    bitlinks,
    facets,
    group_windows,
    groups,
    proofs,
    snapshots,
    subjects,
)

_SERIES = select(facets.c.id).where(facets.c.name == "clicks").scalar_subquery()


def doubt(connection: Connection, group_id: int, left: Select[tuple[int]], since: int) -> None:
    """Doubt what was proved of a group from which the subjects `left` at some time from `since` on.

    Their clicks may be in totals of before and not in those of after, where others may have made up
    for them. So windows in which they have some are to be proved anew, and all that was looked at
    since then is open again.
    """
    if connection.execute(left.limit(1)).first() is None:
        return
    of_group = proofs.c.group_id == group_id
    is_late = and_(of_group, proofs.c.seen_at >= since)
    clicked = proofs.c.window_id.in_(
        select(snapshots.c.window_id).where(
            snapshots.c.subject_id.in_(left),
            snapshots.c.facet_id == _SERIES,
            snapshots.c.superseded_at.is_(None),
            snapshots.c.total > 0,
        )
    )
    reopened = update(group_windows).where(
        group_windows.c.group_id == group_id,
        group_windows.c.window_id.in_(select(proofs.c.window_id).where(is_late)),
    )
    connection.execute(reopened.values(status="open"))
    connection.execute(delete(proofs).where(is_late, clicked))
    connection.execute(update(proofs).where(of_group, clicked).values(total=None))


def keep_what_held(
    connection: Connection, account_id: int, group_id: int, names: Sequence[str], at: int
) -> list[int]:
    """Prepare bitlinks that are about to be listed in a group where they were not before.

    They come from another group, which is taken to have lost them as early as may be, or were away.
    What was proved of them there is written down as a count of zero. Returns the keys of those that
    come back to the same group.
    """
    bound = case(
        (bitlinks.c.unlisted_at.is_not(None), bitlinks.c.unlisted_at),
        else_=func.coalesce(groups.c.heads_since, at),
    )
    moving = (
        select(subjects.c.id, subjects.c.group_id, bound.label("until"))
        .join(bitlinks, bitlinks.c.subject_id == subjects.c.id)
        .join(groups, groups.c.id == subjects.c.group_id)
        .where(
            subjects.c.account_id == account_id,
            subjects.c.kind == "bitlink",
            subjects.c.name.in_(names),
            or_(subjects.c.group_id != group_id, bitlinks.c.unlisted_at.is_not(None)),
        )
    )
    found = connection.execute(moving).all()
    if not found:
        return []
    connection.execute(_zeros([row.id for row in found], bound))
    by_group: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in found:
        by_group[row.group_id].append((row.id, row.until))
    back = [key for key, _ in by_group.pop(group_id, [])]
    for old, members in by_group.items():
        left = select(subjects.c.id).where(subjects.c.id.in_([key for key, _ in members]))
        doubt(connection, old, left, min(until for _, until in members))
    return back


def _zeros(ids: Sequence[int], until: ColumnElement[int]) -> Insert:
    """Insert a snapshot of no clicks for each window that a proof covers and no count is stored of.

    As in the planner, a proof speaks of links that were listed in the group when it was made.
    """
    known = exists().where(
        snapshots.c.subject_id == subjects.c.id,
        snapshots.c.facet_id == _SERIES,
        snapshots.c.window_id == proofs.c.window_id,
        snapshots.c.superseded_at.is_(None),
    )
    proved = (
        select(
            subjects.c.id,
            _SERIES,
            proofs.c.window_id,
            literal(0),
            false(),
            proofs.c.seen_at,
            proofs.c.seen_at,
        )
        .join(bitlinks, bitlinks.c.subject_id == subjects.c.id)
        .join(groups, groups.c.id == subjects.c.group_id)
        .join(proofs, proofs.c.group_id == subjects.c.group_id)
        .where(
            subjects.c.id.in_(ids),
            subjects.c.joined_at <= proofs.c.seen_at,
            proofs.c.seen_at < until,
            or_(bitlinks.c.custom_of.is_(None), proofs.c.customs),
            ~known,
        )
    )
    columns = (
        "subject_id",
        "facet_id",
        "window_id",
        "total",
        "cut",
        "observed_at",
        "last_seen_at",
    )
    return insert(snapshots).from_select(columns, proved)
