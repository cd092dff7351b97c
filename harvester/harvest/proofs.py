"""What a group's total, or its sorted list, proves of all its links. Pure.

Trusted until contradicted: whatever is fetched later is held against it (`contradiction`), and a
group whose answers do not fit each other is asked link by link from then on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from harvester.domain.proofs import Proof, Tally
from harvester.domain.windows import Window

# Clicks of a day go on coming in for a while after its end. Two answers of which one was given
# before that do not contradict each other.
LATE = timedelta(hours=6)


class Verdict(StrEnum):
    """What a group's total says of a window."""

    EMPTY = "empty"  # nobody clicked on anything
    UNCHANGED = "unchanged"  # as when all of it was known
    MOVED = "moved"  # to be looked at more closely


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a group's answers were seen to fit each other.

    `totals` turns False with the first contradiction. `customs` is whether the group's total was
    seen to hold the clicks of custom back-halves: None until both could be compared.
    """

    totals: bool = True
    customs: bool | None = None


def verdict(window: Window, total: int, proof: Proof | None, tally: Tally, trust: Trust) -> Verdict:
    """Judge a window by the group's clicks now, what was proved of it before, and what is stored.

    Clicks are not taken back (support.bitly.com article 360028512711), so a total that did not move
    means that nothing did: unless links that took theirs away hide what others got.
    """
    if total == 0 and tally.links + tally.customs == 0:
        return Verdict.EMPTY
    if proof is None or proof.total != total or total == 0:
        return Verdict.MOVED
    is_explained = total == tally.links + (tally.customs if trust.customs else 0)
    hides = not is_explained and may_hide(window, proof, tally)
    return Verdict.MOVED if hides else Verdict.UNCHANGED


def may_hide(window: Window, proof: Proof, tally: Tally) -> bool:
    """Whether the same total may be made of other clicks than those known when it was proved.

    A link with clicks left since; or one came to our knowledge since, whose clicks may have been in
    the total already: not, if the day was over when the total was asked for.
    """
    left = tally.left_at is not None and tally.left_at >= proof.seen_at
    joined = tally.joined_at is not None and tally.joined_at >= proof.seen_at
    return left or (joined and window.end > proof.seen_at)


def from_total(total: int, before: Proof | None, trust: Trust, at: datetime) -> Proof:
    """Return what an empty or unchanged window proves.

    Custom back-halves are covered only if the total is known to hold their clicks, and they were
    covered when it was the same.
    """
    was_covered = total == 0 or (before is not None and before.customs)
    return Proof(at, total, customs=trust.customs is True and was_covered)


@dataclass(frozen=True, slots=True)
class Listed:
    """A window's sorted list: clicks by name, `full` if more links may have some.

    `over` tells whether the window had ended when its total was asked for: only then do total and
    list speak of the same clicks; `calm` whether late ones had come in by then.
    """

    clicks: Mapping[str, int]
    full: bool
    total: int | None
    over: bool
    calm: bool

    @property
    def listed(self) -> int:
        """All clicks in the list."""
        return sum(self.clicks.values())

    @property
    def complete(self) -> bool:
        """Whether every link with clicks is in the list."""
        return not self.full or (self.over and self.total is not None and self.listed == self.total)


def contradiction(found: Listed, clicked_before: Sequence[str]) -> str | None:
    """Return in one line how a list cannot be true beside what else is known; None if it can.

    `clicked_before` are the links (no back-halves) that are stored with clicks in the window.
    """
    if found.calm and found.total is not None and found.listed > found.total:
        return f"its links have {found.listed} clicks, itself {found.total}"
    if found.complete:
        lost = [name for name in clicked_before if not found.clicks.get(name)]
        if lost:
            return f"{lost[0]} had clicks before and is not in the list"
    return None


def from_list(found: Listed, trust: Trust, at: datetime) -> Proof | None:
    """Return what a list proves, None if it does not name all links with clicks.

    An empty list proves nothing by itself: Bitly answers so for what lies beyond a plan's history.
    """
    if not found.complete or (found.total is None and not found.listed):
        return None
    rest = found.over and found.total == found.listed
    return Proof(at, found.total, customs=trust.customs is True and rest)


class Scans(StrEnum):
    """Where an export counts the scans of QR codes, which Bitly counts as clicks elsewhere."""

    WITHIN = "within"  # the clicks
    APART = "apart"


def tied(
    rest: int, clicks: Mapping[str, int], scans: Mapping[str, int], known: str | None = None
) -> dict[str, int] | None:
    """Return what an export says of names that share `rest` clicks; None if it does not add up.

    Whether its clicks hold scans of QR codes is not documented: what adds up is taken, unless it is
    `known` of the account by a value of `Scans`.
    """
    both = {name: count + scans.get(name, 0) for name, count in clicks.items()}
    for how, counts in ((Scans.WITHIN, dict(clicks)), (Scans.APART, both)):
        if known in {None, how} and sum(counts.values()) == rest:
            return counts
    return None


def seen_apart(
    counts: Mapping[str, int], listed: Mapping[str, int], owners: Mapping[str, str]
) -> frozenset[str]:
    """Return names in an export that adds up which show back-halves to be counted by themselves.

    None if nothing shows it; else a clicked back-half and a clicked link that has one, its own if
    that is clicked. `owners` are the links of the back-halves. Those in `listed` were not asked
    again: only clicks that are counted apart add up with theirs.
    """
    halves = [half for half in owners if counts.get(half)]
    links = [link for link in owners.values() if counts.get(link) or listed.get(link)]
    if not halves or not links:
        return frozenset()
    half = max(halves, key=lambda name: (counts.get(owners[name], 0) > 0, counts[name]))
    own = owners[half]
    link = own if counts.get(own) else max(links, key=lambda name: counts.get(name, 0))
    return frozenset({half, link} - listed.keys())


def may_be_mixed(
    counts: Mapping[str, int], listed: Mapping[str, int], owners: Mapping[str, str]
) -> bool:
    """Whether clicks of a back-half may be told of its link in an export that adds up, or back."""
    asked = ((half, link) for half, link in owners.items() if link not in listed)
    return any(counts.get(half) or counts.get(link) for half, link in asked)


def from_export(total: int, trust: Trust, at: datetime) -> Proof:
    """Return what an export proves that adds up, with a list, to all the group's clicks."""
    return Proof(at, total, customs=trust.customs is True)


def from_links(total: int, tally: Tally, at: datetime) -> Proof | None:
    """Return what it proves that each link and back-half was asked; None if one was not.

    Nothing is proved that is not stored, but the next run can tell by the total if it moved. So
    each must have been asked after the total: one that a resumed run asked before may have moved.
    """
    stale = tally.oldest is not None and tally.oldest < at
    return None if tally.unknown or stale else Proof(at, total, customs=True)


def with_customs(proof: Proof, tally: Tally) -> Proof:
    """Return the proof, for custom back-halves too if each has been asked since it was made."""
    asked = tally.oldest_custom is None or tally.oldest_custom >= proof.seen_at
    return replace(proof, customs=True) if asked and not tally.unknown_customs else proof


def comparable(window: Window, proof: Proof, tally: Tally) -> bool:
    """Whether a window's total can be held against its links: it was calm, and all are known."""
    whole = tally.unknown_customs == 0 and tally.departed == 0
    return proof.total is not None and window.end + LATE <= proof.seen_at and whole


def fits(total: int, tally: Tally, trust: Trust) -> bool:
    """Whether a total can be true beside what is known of each link and back-half.

    It may be larger: it may still hold the clicks of links that were deleted before we came.
    """
    return total >= tally.links + (tally.customs if trust.customs else 0)


def explained(total: int, tally: Tally, trust: Trust) -> bool:
    """Whether the clicks of links, and of back-halves if it counts them, are all of a total."""
    both = total == tally.links + tally.customs
    return both if trust.customs else total == tally.links or (trust.customs is None and both)


def customs_counted(compared: Sequence[tuple[int, Tally]]) -> bool | None:
    """Return whether totals hold the clicks of custom back-halves; None if it cannot be told.

    Only if all totals are wholly explained: where one holds clicks of links that were deleted
    before we came, another may look as if it held those of back-halves.
    """
    telling = [(total, tally) for total, tally in compared if tally.customs]
    if any(total == tally.links for total, tally in telling):
        return False
    whole = all(total == tally.links + tally.customs for total, tally in compared)
    return True if telling and whole else None
