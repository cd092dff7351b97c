"""The fan-out: N workers that draw on one plan, and what becomes of each answer.

Nothing here waits for the clock or knows the limits: the client does. An answer, or the reason why
there is none, goes to the one writer.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from harvester.bitly.errors import (
    AccountStopped,
    BitlyError,
    FacetRefused,
    Forbidden,
    NotAuthorised,
    Silent,
    UnknownRoute,
)
from harvester.bitly.facets import FACETS, Answer, Facet
from harvester.clock import Clock
from harvester.domain.events import Asked, Notify, Problem
from harvester.domain.facets import SERIES_OF, kind_of, proved_by
from harvester.domain.snapshots import Missing, Reason, Snapshot
from harvester.domain.subjects import Kind, Target
from harvester.domain.windows import Window
from harvester.harvest.plan import PlannedRequest
from harvester.harvest.prelude import dead_token
from harvester.harvest.reasons import reason_of

# So many links that may not be read, without one that may, and it is the facet, not they.
FORBIDDEN_LINKS = 3
ONE_EACH = frozenset({Kind.GROUP, Kind.ORGANIZATION})  # there is no other to compare with
DETAIL_LENGTH = 200


async def fan_out(
    requests: AsyncGenerator[PlannedRequest, None],
    work: Callable[[PlannedRequest], Awaitable[None]],
    *,
    workers: int,
    stopped: Callable[[], bool],
) -> None:
    """Do `work` on each request, `workers` at once; each is planned when a worker is free for it.

    Once it is `stopped` no request is begun; those under way are finished. An error of one worker
    cancels the others and comes out in an ExceptionGroup.
    """
    turn = asyncio.Lock()  # a generator must not be asked by two at once

    async def drawn() -> PlannedRequest | None:
        async with turn:
            return None if stopped() else await anext(requests, None)

    async def worker() -> None:
        while (request := await drawn()) is not None:
            await work(request)

    async with aclosing(requests), asyncio.TaskGroup() as group:
        for number in range(workers):
            group.create_task(worker(), name=f"worker {number}")


class Api(Protocol):
    """What is asked: the client, or a double in tests."""

    async def ask(self, facet: Facet, subject_name: str, windows: Sequence[Window]) -> Answer:
        """Ask one facet of one link for adjacent windows. Raises BitlyError."""
        ...

    async def user(self) -> object:
        """Ask whose the token is. Raises BitlyError."""
        ...


class Sink(Protocol):
    """Where facts go: the writer."""

    async def put(self, items: Sequence[Snapshot | Missing]) -> None:
        """Take what was learnt, or not learnt, from one request."""
        ...


class Remember(Protocol):
    """How the store is told of what holds beyond one request."""

    async def gone(self, target: Target) -> None:
        """Note that a link does not exist any more."""
        ...

    async def refused(self, group: str, facet: str, reason: Reason, detail: str) -> Collection[str]:
        """Note that a facet is not to be had for a group; return all groups that this holds for."""
        ...


@dataclass(slots=True)
class Asker:
    """Asks planned requests of one account and passes on what comes back.

    `facets` are those of the run: a link that is gone, or a window beyond the plan's history, is
    missing in all of them. `failed` counts the requests that brought nothing, by reason.
    """

    account: str
    facets: Sequence[str]
    client: Api
    sink: Sink
    remember: Remember
    clock: Clock
    notify: Notify
    stopped_by: AccountStopped | None = None
    failed: Counter[Reason] = field(default_factory=Counter)
    refused: set[tuple[str, str]] = field(default_factory=set)
    _closed: dict[int, tuple[Reason, str]] = field(default_factory=dict)
    _forbidden: defaultdict[tuple[str, str], set[int]] = field(
        default_factory=lambda: defaultdict(set)
    )
    _token_checked: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self, request: PlannedRequest) -> None:
        """Ask one request; its answer, or why there is none, reaches the sink and the watcher."""
        if (request.target.group_guid, request.facet) in self.refused:
            self._tell(request, ok=False)
            return
        if request.target.id in self._closed:
            await self._missing(request, *self._closed[request.target.id])
            return
        try:
            answer = await self.client.ask(
                FACETS[request.facet], request.target.subject.name, request.windows
            )
        except AccountStopped as stopped:
            self.stop(stopped)
        except FacetRefused as refusal:
            await self._refuse(request, Reason.NOT_IN_PLAN, refusal)
        except UnknownRoute as refusal:
            await self._refuse(request, Reason.REJECTED, refusal)
        except BitlyError as error:
            await self._fail(request, error)
        else:
            await self._take(request, answer)

    async def _take(self, request: PlannedRequest, answer: Answer) -> None:
        now = self.clock.now()
        items: list[Snapshot | Missing] = [
            Snapshot(request.target.id, request.facet, reading, now) for reading in answer.readings
        ]
        if answer.beyond:
            detail = "older than what the plan shows"
            items += [
                Missing(request.target.id, facet, window, Reason.HISTORY, detail, now)
                for facet in self._told_by(request)
                for window in answer.beyond
            ]
        self._forbidden[request.target.group_guid, request.facet].clear()
        await self.sink.put(items)
        self._tell(request, ok=True)

    def stop(self, stopped: AccountStopped) -> None:
        """Note what ends the account. The first reason is the one that a person is told."""
        if self.stopped_by is None:
            self.stopped_by = stopped
            self.notify(Problem(self.account, _stop_reason(stopped), str(stopped)))

    def _tell(self, request: PlannedRequest, *, ok: bool) -> None:
        name = request.target.subject.name
        self.notify(Asked(self.account, request.facet, ok, name))

    async def _refuse(self, request: PlannedRequest, reason: Reason, error: BitlyError) -> None:
        place = (request.target.group_guid, request.facet)
        self.failed[reason] += 1
        if place not in self.refused:
            self.refused.add(place)
            groups = await self.remember.refused(*place, reason, _line(error))
            self.refused.update((group, request.facet) for group in groups)
            message = f"group {place[0]}: {place[1]} {reason}: {_line(error)}"
            self.notify(Problem(self.account, reason, message))
        self._tell(request, ok=False)

    async def _fail(self, request: PlannedRequest, error: BitlyError) -> None:
        if isinstance(error, Forbidden) and await self._is_refused(request, error):
            return
        reason = reason_of(error)
        self.failed[reason] += 1
        kind = request.target.subject.kind
        if reason is Reason.GONE and kind is Kind.BITLINK:
            await self.remember.gone(request.target)
        is_first = request.facet == SERIES_OF[kind]
        if reason is Reason.GONE or (reason is Reason.FORBIDDEN and is_first):
            self._closed[request.target.id] = (reason, _line(error))
        await self._missing(request, reason, _line(error))

    async def _is_refused(self, request: PlannedRequest, error: Forbidden) -> bool:
        """Tell a dead token, and a facet that nobody may read, from a link that is not ours."""
        place = (request.target.group_guid, request.facet)
        self._forbidden[place].add(request.target.id)
        async with self._token_checked:
            if self.stopped_by is not None or await self._token_is_dead():
                return True
        enough = 1 if request.target.subject.kind in ONE_EACH else FORBIDDEN_LINKS
        if len(self._forbidden[place]) >= enough:
            await self._refuse(request, Reason.FORBIDDEN, error)
            return True
        return False

    async def _token_is_dead(self) -> bool:
        try:
            await self.client.user()
        except Forbidden as refused:
            self.stop(dead_token(self.account, refused))
        except AccountStopped as stopped:
            self.stop(stopped)
        except BitlyError:
            return False
        return self.stopped_by is not None

    def _of_kind(self, request: PlannedRequest) -> list[str]:
        """Return the facets of the run that are of the same kind of subject."""
        return [each for each in self.facets if kind_of(each) is request.target.subject.kind]

    def _told_by(self, request: PlannedRequest) -> list[str]:
        """Return the facets that have no more to tell than the one that is asked."""
        others = (each for each in self.facets if proved_by(each) == request.facet)
        return list(dict.fromkeys([request.facet, *others]))

    async def _missing(self, request: PlannedRequest, reason: Reason, detail: str) -> None:
        """Tell the sink; a link that is closed to us is missing in all facets, not only in this."""
        now = self.clock.now()
        facets = self._of_kind(request) if request.target.id in self._closed else [request.facet]
        await self.sink.put(
            [
                Missing(request.target.id, facet, window, reason, detail, now)
                for facet in facets
                for window in request.windows
            ]
        )
        self._tell(request, ok=False)


def _stop_reason(stopped: AccountStopped) -> Reason:
    if isinstance(stopped, Silent):
        return Reason.UNANSWERED
    return Reason.FORBIDDEN if isinstance(stopped, NotAuthorised) else Reason.QUOTA


def _line(error: BitlyError) -> str:
    return str(error)[:DETAIL_LENGTH]
