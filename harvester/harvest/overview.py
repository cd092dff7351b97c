"""What a person sees of the harvest at a glance: one model for the status page and the terminal.

Pure but for `look`, which reads the store: from what is stored to what is shown, without a word of
HTML or of terminals.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.snapshots import Reason
from harvester.store.leaving import Leaving
from harvester.store.live import Activity, Live, RecentRun, live
from harvester.store.standing import Contradictions, GroupStanding, MissingCount, Standing, standing

# What a daemon says of itself is believed so long; it says something more often than that.
BELIEVED: Final = timedelta(seconds=30)
SHORT: Final = 0.9  # of the month's requests
_FINAL: Final = frozenset(reason.value for reason in Reason if reason.final)


class Mood(StrEnum):
    """How an account fares, from good to bad."""

    GOOD = "good"
    BUSY = "busy"
    ATTENTION = "attention"
    BAD = "bad"

    @property
    def is_well(self) -> bool:
        """Whether nobody needs to look."""
        return self in {Mood.GOOD, Mood.BUSY}


@dataclass(frozen=True, slots=True)
class Gauge:
    """`done` of `total`, which is at least 1."""

    done: int
    total: int

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return min(max(self.done / self.total, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group as it stands, and how old what is known of it is; None if nothing is.

    `contradictions` are its breakdowns that do not add up, `leaving` the link-days that nobody can
    know any more in a week.
    """

    standing: GroupStanding
    age: timedelta | None
    contradictions: int
    leaving: int


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account: what it does, how fresh it is, what is left of its month, what is not right.

    `doing` is a few words and `progress` how far it is. `age` is that of its stalest group. `notes`
    are lines that a person should read, the last run's trouble among them.
    """

    name: str
    mood: Mood
    doing: str
    progress: Gauge | None
    age: timedelta | None
    succeeded_at: datetime | None
    next_at: datetime | None
    quota: Gauge | None
    holder: str
    groups: tuple[GroupView, ...]
    missing: tuple[MissingCount, ...]
    notes: tuple[str, ...]
    is_running: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """All accounts `at` an instant, and the latest runs, newest first."""

    at: datetime
    accounts: tuple[AccountView, ...]
    runs: tuple[RecentRun, ...]

    def ended(self, run: RecentRun) -> str:
        """Return how one of the runs ended, in a word or two."""
        if run.outcome is not None:
            return run.outcome
        latest = next(each for each in self.runs if each.account == run.account)
        runs = any(each.name == run.account and each.is_running for each in self.accounts)
        return "running" if runs and run is latest else "not finished"


async def look(engine: AsyncEngine, now: datetime) -> Overview:
    """Read the store as it is `now`. Raises StoreError."""
    return overview(await standing(engine, now), await live(engine, now), now)


def overview(stands: Standing, goes_on: Live, now: datetime) -> Overview:
    """Return what is to be seen `now` of where the store stands and of what goes on."""
    names = sorted({*goes_on.accounts, *(each.account for each in goes_on.activities)})
    return Overview(
        now, tuple(_account(name, stands, goes_on, now) for name in names), goes_on.runs
    )


def _account(name: str, stands: Standing, goes_on: Live, now: datetime) -> AccountView:
    activity = next((each for each in goes_on.activities if each.account == name), None)
    believed = activity is not None and now - activity.updated_at <= BELIEVED
    holder = next((held.holder for held in goes_on.held if held.account == name), "")
    groups = _groups(name, stands, goes_on, now)
    missing = tuple(each for each in stands.missing if each.account == name)
    outcome, detail = _ended(name, stands, activity)
    is_busy = bool(holder) or (believed and activity is not None and bool(activity.stage))
    quota = next(
        (Gauge(each.used, max(each.limit, 1)) for each in goes_on.quotas if each.account == name),
        None,
    )
    notes = tuple(_notes(name, stands, goes_on, "" if outcome == "complete" else detail))
    return AccountView(
        name=name,
        mood=_mood(outcome, missing, quota, notes, is_busy=is_busy),
        doing=_doing(activity if believed else None, holder, goes_on.rests.get(name)),
        progress=_progress(activity) if believed and activity is not None else None,
        age=max((group.age for group in groups if group.age is not None), default=None),
        succeeded_at=goes_on.succeeded.get(name),
        next_at=activity.next_at if activity is not None else None,
        quota=quota,
        holder=holder,
        groups=groups,
        missing=missing,
        notes=notes,
        is_running=is_busy,
    )


def _groups(name: str, stands: Standing, goes_on: Live, now: datetime) -> tuple[GroupView, ...]:
    known = {(each.account, each.group_guid): each.until for each in goes_on.known}
    wrong = {(each.account, each.group_guid): each.breakdowns for each in stands.contradictions}
    leaving = {(each.account, each.group_guid): each.link_days for each in stands.leaving}

    def view(group: GroupStanding) -> GroupView:
        place = (name, group.group_guid)
        age = now - known[place] if place in known else None
        return GroupView(group, age, wrong.get(place, 0), leaving.get(place, 0))

    return tuple(view(group) for group in stands.groups if group.account == name)


def _progress(activity: Activity) -> Gauge | None:
    if not activity.stage or not activity.total:
        return None
    return Gauge(activity.done, activity.total)


def _doing(activity: Activity | None, holder: str, rest: tuple[datetime, str] | None) -> str:
    if activity is not None and activity.stage:
        return f"{activity.stage}: {activity.note}" if activity.note else activity.stage
    if holder:
        return f"is being harvested by {holder}"
    if rest is not None:
        until, why = rest
        return f"rests until {until:%Y-%m-%d %H:%M} UTC: {why}"
    return activity.note if activity is not None and activity.note else "idle"


def _ended(name: str, stands: Standing, activity: Activity | None) -> tuple[str, str]:
    """Return how an account's last run ended, and why. A dead token ends one before it begins."""
    if activity is not None and activity.outcome:
        return activity.outcome, activity.detail
    last = next((run for run in stands.runs if run.account == name), None)
    return (last.outcome or "", last.detail or "") if last else ("", "")


def _notes(name: str, stands: Standing, goes_on: Live, trouble: str) -> list[str]:
    notes = [f"last run: {trouble}"] if trouble else []
    notes += [contradiction(each) for each in stands.contradictions if each.account == name]
    notes += [leaves_soon(each) for each in stands.leaving if each.account == name]
    if name in goes_on.rests:
        until, why = goes_on.rests[name]
        notes.append(f"nothing is asked before {until:%Y-%m-%d %H:%M} UTC: {why}")
    return notes


def _mood(
    outcome: str,
    missing: tuple[MissingCount, ...],
    quota: Gauge | None,
    notes: tuple[str, ...],
    *,
    is_busy: bool,
) -> Mood:
    if outcome in {"not authorised", "failed"}:
        return Mood.BAD
    if is_busy:
        return Mood.BUSY
    # what cannot be had, such as a facet that is not in the plan, calls nobody
    gaps = any(each.reason not in _FINAL for each in missing)
    is_short = quota is not None and quota.share >= SHORT
    trouble = outcome not in {"", "complete", "incomplete", "interrupted"}
    return Mood.ATTENTION if trouble or gaps or notes or is_short else Mood.GOOD


def contradiction(found: Contradictions) -> str:
    """Say in one line what of a group cannot be true together."""
    group = found.group_guid
    if not found.breakdowns:
        return f"answers about group {group} contradict each other: harvest_contradictions"
    if found.breakdowns == 1:
        said = f"1 breakdown of group {group} does not add up to its clicks"
    else:
        said = f"{found.breakdowns:,} breakdowns of group {group} do not add up to their clicks"
    more = ", and other answers contradict each other" if found.answers else ""
    return f"{said}{more}: harvest_contradictions"


def leaves_soon(found: Leaving) -> str:
    """Say in one line what of a group leaves Bitly's history unknown."""
    return (
        f"{found.link_days:,} link-days of group {found.group_guid} leave Bitly's reach within 7"
        f" days, those of {found.first} on {found.leaves_on}: run `harvest` before then;"
        " `harvest plan` says whether the requests suffice"
    )


def span(duration: timedelta) -> str:
    """Return a duration as a person says it, in its largest unit: 40 s, 12 min, 5 h, 3 d."""
    seconds = max(int(duration.total_seconds()), 0)
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length or (unit == "min" and seconds >= length):
            return f"{seconds // length:,} {unit}"
    return f"{seconds} s"


def when(instant: datetime | None, now: datetime) -> str:
    """Return an instant by its distance from `now`: 5 min ago, in 2 h; a dash if there is none."""
    if instant is None:
        return "-"
    return f"{span(now - instant)} ago" if instant <= now else f"in {span(instant - now)}"
