"""The ticks of one account, one after the other: now, do, wait. What and when: course.py.

Whatever a tick dies of, the account lives on: it is told, and there is a next one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from traceback import extract_tb
from typing import Final

from harvester.bitly.budget import next_month
from harvester.clock import Clock
from harvester.daemon.course import DATABASE, Course, End, Result
from harvester.daemon.database import Database
from harvester.daemon.errands import Done, Errand, errand, first_day
from harvester.daemon.member import Member
from harvester.daemon.schedule import first
from harvester.daemon.waiting import any_of
from harvester.domain.errors import HarvesterError, first_of
from harvester.domain.events import (
    AccountStarted,
    Event,
    Notify,
    TickEnded,
    TickPlanned,
    TicksSpread,
    TickStarted,
)
from harvester.harvest.lease import AccountHeld
from harvester.harvest.summary import Outcome, Summary
from harvester.store.errors import StoreError
from harvester.store.ticks import Ticks

LOOK: Final = timedelta(minutes=1)  # so long a machine's sleep or a new token may go unnoticed

_ENDS: Final = {
    Outcome.COMPLETE: End.THROUGH,
    Outcome.INCOMPLETE: End.THROUGH,
    Outcome.QUOTA: End.SPENT,
    Outcome.UNANSWERED: End.UNANSWERED,
    Outcome.NOT_AUTHORISED: End.REFUSED,
}


@dataclass(frozen=True, slots=True)
class Around:
    """What all accounts of a daemon share.

    `recall` and `keep` know how far an account's schedule has come, in the database, and raise
    StoreError. `reload` is set where settings should be read anew.
    """

    clock: Clock
    dice: Random
    notify: Notify
    database: Database
    recall: Callable[[str], Awaitable[Ticks | None]]
    keep: Callable[[Ticks], Awaitable[None]]
    reload: asyncio.Event


class Ticking:
    """Lets one account tick until it is told to `leave`."""

    def __init__(self, member: Member, around: Around) -> None:
        """Do nothing yet: that is `run`."""
        self.member = member
        self._around = around
        self._course: Course | None = None
        self._woken = asyncio.Event()
        self._stop: asyncio.Event | None = None
        self._leaving = False

    @property
    def runs(self) -> bool:
        """Whether a tick is under way."""
        return self._stop is not None

    def leave(self) -> None:
        """Begin no tick any more, and bring one that is under way to its end."""
        self._leaving = True
        self._woken.set()
        if self._stop is not None:
            self._stop.set()

    def become(self, member: Member) -> None:
        """Go by other settings from the next tick on; it comes now if the token was refused."""
        changed = member.rhythm != self.member.rhythm
        self.member = member
        course, now = self._course, self._around.clock.now()
        if course is None or self.runs:
            return
        if course.refused:
            self._course = course.at_once(now)
        elif changed:
            self._course = replace(
                course, tick=first(member.rhythm, course.taken, now, at_start=False)
            )
        else:
            return
        self._woken.set()

    async def run(self) -> None:
        """Tick, until told to leave."""
        self._course = await self._recalled()
        while self._course is not None and not self._leaving:
            tick = self._course.tick
            self._around.notify(TickPlanned(self.member.name, tick.at, tick.why))
            if await self._waited(tick.at):
                self._course = await self._tick(self._course)

    async def _recalled(self) -> Course | None:
        """Return where an earlier daemon left off; None if told to leave before that is known."""
        around, failures = self._around, 0
        while not self._leaving:
            try:
                known = await around.recall(self.member.name)
            except StoreError as error:
                around.database.gone(error)
                failures += 1
                now = around.clock.now()
                await self._waited(DATABASE.until(failures, now, share=1))
                continue
            now, at_start = around.clock.now(), self.member.at_start
            if known is None:
                return Course(first(self.member.rhythm, None, now, at_start=at_start))
            tick = first(self.member.rhythm, known.due_at, now, at_start=at_start)
            done = Done(known.opened_at, known.settled_at, known.backfilled_at, known.short)
            return Course(tick, known.due_at, done)
        return None

    async def _keep(self, course: Course) -> None:
        """Keep what has been done, for a daemon to come."""
        done = course.done
        state = Ticks(
            self.member.name,
            course.tick.due if course.taken is None else course.taken,
            done.opened_at,
            done.settled_at,
            done.backfilled_at,
            done.short,
        )
        with suppress(StoreError):  # the next tick meets it, too
            await self._around.keep(state)

    async def _waited(self, until: datetime) -> bool:
        """Wait `until` then; False if something has come in between."""
        clock = self._around.clock
        while not self._woken.is_set() and (left := until - clock.now()) > timedelta():
            await any_of(clock.sleep(min(left, LOOK)), self._woken.wait())
            if self._course and self._course.refused and self.member.renewed():
                self._around.reload.set()
        undisturbed = not self._woken.is_set()
        self._woken.clear()
        return undisturbed

    async def _tick(self, course: Course) -> Course:
        """Do what the tick is for, and return what follows."""
        around, member, now = self._around, self.member, self._around.clock.now()
        name, tick = member.name, course.tick
        task = errand(course.done, member.paces, now, member.rhythm.after(now))
        around.notify(TickStarted(name, now, tick.due, task, tick.missed))
        self._stop = asyncio.Event()
        day = first_day(task, course.done, member.paces)
        # a task of its own, so that whatever it dies of ends here
        work = member.work(day, self._stop, self._watched)
        [ended] = await asyncio.gather(work, return_exceptions=True)
        self._stop = None
        result = self._told(ended, task, now)
        at = around.clock.now()
        after = course.after(task, result, self.member.rhythm, at, share=around.dice.random())
        if after.refused and self.member is not member:  # it may be good by now
            after = after.at_once(at)
        if after.spread and not course.spread:
            until = result.again_at or next_month(at)
            around.notify(TicksSpread(name, until, after.tick.why))
        await self._keep(after)
        return after

    def _watched(self, event: Event) -> None:
        if isinstance(event, AccountStarted):  # it has its lease
            self._around.database.works()
        self._around.notify(event)

    def _told(self, ended: Summary | BaseException, task: Errand, began: datetime) -> Result:
        """Tell how a tick ended, and return what matters for the next one."""
        around, outcome, result = self._around, "failed", Result(End.OTHER)
        now = around.clock.now()
        if isinstance(ended, Summary):
            outcome, detail = ended.outcome.value, ended.detail
            result = _result(ended, now)
        else:
            detail = _line(ended)
            if isinstance(ended, AccountHeld):
                outcome = "held"
            elif isinstance(ended, StoreError):
                around.database.gone(ended)
                result = Result(End.DATABASE)
        if result.end is not End.DATABASE:
            around.database.works()
        around.notify(
            TickEnded(
                self.member.name,
                now,
                task,
                outcome,
                detail,
                (now - began).total_seconds(),
                ok=outcome == Outcome.COMPLETE,
            )
        )
        return result


def _result(summary: Summary, now: datetime) -> Result:
    return Result(
        _ENDS.get(summary.outcome, End.OTHER),
        summary.counts.requests,
        summary.quota.left if summary.quota else None,
        next_month(now),
        summary.again_at,
    )


def _line(error: BaseException) -> str:
    """Return one line for a person; of what has no name, with the place where it came from."""
    if isinstance(error, ExceptionGroup):
        error = first_of(error)
    if isinstance(error, HarvesterError):
        return str(error)
    frames = extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"unexpected {type(error).__name__}: {' '.join(str(error).split())}{place}"
