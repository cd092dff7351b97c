"""Each answer, and each failure, ends where it belongs; no worker hangs because of another."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest

from harvester.bitly.errors import (
    Forbidden,
    Gone,
    InvalidArgument,
    NotAuthorised,
    RateLimited,
    ReserveReached,
    Timeout,
    UnexpectedShape,
    UnknownRoute,
    UpgradeRequired,
)
from harvester.bitly.facets import Answer, Facet
from harvester.domain.events import Asked, Event, Problem
from harvester.domain.snapshots import Missing, Reading, Reason, Snapshot
from harvester.domain.subjects import Kind, Subject, Target
from harvester.domain.windows import Window, day_window
from harvester.harvest.plan import PlannedRequest
from harvester.harvest.workers import Asker, fan_out
from tests.fakes import FakeClock

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAYS = tuple(day_window(date(2026, 11, number)) for number in (18, 19, 20))
FACETS = ("clicks", "countries", "cities")


def request(number: int = 1, facet: str = "countries", windows: int = 1) -> PlannedRequest:
    target = Target(number, Subject(Kind.BITLINK, f"bit.ly/{number}"), "Bg1")
    return PlannedRequest(target, facet, DAYS[:windows])


@dataclass
class Api:
    """Answers each link as `said` tells: an answer, or an error to raise."""

    said: Callable[[str], Answer | Exception]
    token_dead: bool = False
    asked: list[str] = field(default_factory=list)

    async def ask(self, facet: Facet, subject_name: str, windows: Sequence[Window]) -> Answer:
        del facet, windows
        self.asked.append(subject_name)
        answer = self.said(subject_name)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def user(self) -> object:
        if self.token_dead:
            raise Forbidden
        return object()


@dataclass
class Kept:
    """Sink, memory and watcher in one."""

    items: list[Snapshot | Missing] = field(default_factory=list)
    gone_links: list[int] = field(default_factory=list)
    refusals: list[tuple[str, str, Reason]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    async def put(self, items: Sequence[Snapshot | Missing]) -> None:
        self.items += items

    async def gone(self, target: Target) -> None:
        self.gone_links.append(target.id)

    async def refused(self, group: str, facet: str, reason: Reason, detail: str) -> Collection[str]:
        assert detail
        self.refusals.append((group, facet, reason))
        return [group]

    @property
    def missing(self) -> list[tuple[str, Window, Reason]]:
        return [(i.facet, i.window, i.reason) for i in self.items if isinstance(i, Missing)]

    @property
    def problems(self) -> list[Problem]:
        return [event for event in self.events if isinstance(event, Problem)]


def asker(api: Api, kept: Kept) -> Asker:
    return Asker(
        account="shop",
        facets=FACETS,
        client=api,
        sink=kept,
        remember=kept,
        clock=FakeClock(NOW),
        notify=kept.events.append,
    )


async def test_an_answer_becomes_snapshots_of_its_readings() -> None:
    kept, reading = Kept(), Reading(DAYS[0], 5)
    await asker(Api(lambda _: Answer((reading,))), kept).ask(request())
    assert kept.items == [Snapshot(1, "countries", reading, NOW)]
    assert kept.events == [Asked("shop", "countries", ok=True)]


async def test_windows_beyond_the_history_of_a_series_are_missing_in_every_facet() -> None:
    kept = Kept()
    answer = Answer((Reading(DAYS[2], 1),), beyond=DAYS[:2])
    await asker(Api(lambda _: answer), kept).ask(request(facet="clicks", windows=3))
    assert kept.missing == [(f, day, Reason.HISTORY) for f in FACETS for day in DAYS[:2]]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Timeout(), Reason.UNANSWERED),
        (RateLimited(), Reason.UNANSWERED),
        (UnexpectedShape(), Reason.UNREADABLE),
        (InvalidArgument(), Reason.REJECTED),
        (Forbidden(), Reason.FORBIDDEN),
    ],
)
async def test_a_failure_is_missing_with_its_reason_and_never_a_zero(
    error: Exception, reason: Reason
) -> None:
    kept = Kept()
    await asker(Api(lambda _: error), kept).ask(request())
    assert kept.missing == [("countries", DAYS[0], reason)]
    assert kept.events == [Asked("shop", "countries", ok=False)]


async def test_a_link_that_is_gone_is_missing_in_all_facets_and_not_asked_again() -> None:
    kept, api = Kept(), Api(lambda _: Gone())
    worker = asker(api, kept)
    await worker.ask(request(facet="clicks", windows=3))
    await worker.ask(request(facet="cities"))
    assert api.asked == ["bit.ly/1"]
    assert kept.gone_links == [1]
    assert {(f, day) for f, day, _ in kept.missing} == {(f, day) for f in FACETS for day in DAYS}
    assert {reason for _, _, reason in kept.missing} == {Reason.GONE}


async def test_a_facet_that_the_plan_does_not_hold_is_asked_once_and_told_once() -> None:
    kept, api = Kept(), Api(lambda _: UpgradeRequired())
    worker = asker(api, kept)
    for number in range(4):
        await worker.ask(request(number))
    assert len(api.asked) == 1
    assert kept.refusals == [("Bg1", "countries", Reason.NOT_IN_PLAN)]
    assert len(kept.problems) == 1
    assert len(kept.events) == 5


async def test_three_links_that_may_not_be_read_close_the_facet() -> None:
    kept, api = Kept(), Api(lambda _: Forbidden())
    worker = asker(api, kept)
    for number in range(5):
        await worker.ask(request(number))
    assert len(api.asked) == 3
    assert kept.refusals == [("Bg1", "countries", Reason.FORBIDDEN)]


async def test_a_link_that_may_be_read_in_between_keeps_the_facet_open() -> None:
    odd = Api(lambda name: Forbidden() if int(name[-1]) % 2 else Answer((Reading(DAYS[0], 1),)))
    kept = Kept()
    worker = asker(odd, kept)
    for number in range(9):
        await worker.ask(request(number))
    assert len(odd.asked) == 9
    assert not kept.refusals


async def test_one_link_that_may_not_be_read_is_not_asked_for_more_and_closes_no_facet() -> None:
    kept, api = Kept(), Api(lambda _: Forbidden())
    worker = asker(api, kept)
    await worker.ask(request(facet="clicks", windows=3))
    for _ in range(4):
        await worker.ask(request())
    assert api.asked == ["bit.ly/1"]
    assert not kept.refusals
    assert {reason for _, _, reason in kept.missing} == {Reason.FORBIDDEN}
    assert worker.failed.total() == 1


async def test_a_token_that_dies_on_the_way_stops_the_account() -> None:
    kept, api = Kept(), Api(lambda _: Forbidden(), token_dead=True)
    worker = asker(api, kept)
    await worker.ask(request())
    assert isinstance(worker.stopped_by, NotAuthorised)
    assert "shop" in str(worker.stopped_by)
    assert not kept.missing


async def test_a_month_that_is_spent_stops_the_account_and_says_so_once() -> None:
    until = datetime(2026, 12, 1, tzinfo=UTC)
    kept, api = Kept(), Api(lambda _: ReserveReached(until=until))
    worker = asker(api, kept)
    await asyncio.gather(*(worker.ask(request(number)) for number in range(3)))
    assert [problem.reason for problem in kept.problems] == [Reason.QUOTA]


async def planned(requests: Iterable[PlannedRequest]) -> AsyncGenerator[PlannedRequest, None]:
    for each in requests:
        yield each


async def test_every_request_is_worked_on_once_and_so_many_at_a_time() -> None:
    done: list[int] = []
    busy = most = 0

    async def work(each: PlannedRequest) -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await FakeClock(NOW).sleep(DAYS[0].end - DAYS[0].start)
        busy -= 1
        done.append(each.target.id)

    requests = (request(number) for number in range(50))
    await fan_out(planned(requests), work, workers=5, stopped=lambda: False)
    assert sorted(done) == list(range(50))
    assert most == 5


async def test_a_stop_begins_nothing_more_and_finishes_what_is_under_way() -> None:
    done: list[int] = []
    stop = asyncio.Event()

    async def work(each: PlannedRequest) -> None:
        done.append(each.target.id)
        if each.target.id == 7:
            stop.set()

    await fan_out(planned(map(request, range(1000))), work, workers=1, stopped=stop.is_set)
    assert done == list(range(8))


async def test_an_error_of_one_worker_ends_them_all_and_closes_the_plan() -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncGenerator[PlannedRequest, None]:
        try:
            while True:
                yield request()
        finally:
            closed.set()

    async def work(each: PlannedRequest) -> None:
        if each.target.id == 1:
            raise RuntimeError("the disk is on fire")

    with pytest.raises(ExceptionGroup) as caught:
        await fan_out(endless(), work, workers=3, stopped=lambda: False)
    assert caught.group_contains(RuntimeError, match="on fire")
    assert closed.is_set()


def beside(kind: Kind, facet: str, number: int = 1) -> PlannedRequest:
    """A request of something that is no link."""
    return PlannedRequest(Target(number, Subject(kind, f"X{number}"), "Bg1"), facet, DAYS[:1])


async def test_a_facet_that_is_forbidden_to_the_one_group_is_not_asked_of_it_again() -> None:
    kept, api = Kept(), Api(lambda _: Forbidden())
    ask = asker(api, kept)
    for _ in range(2):
        await ask.ask(beside(Kind.GROUP, "group_countries"))
    assert kept.refusals == [("Bg1", "group_countries", Reason.FORBIDDEN)]
    assert len(api.asked) == 1


async def test_a_facet_without_an_endpoint_is_found_out_once() -> None:
    kept, api = Kept(), Api(lambda _: UnknownRoute("404 page not found"))
    ask = asker(api, kept)
    for number in range(3):
        await ask.ask(request(number))
    assert kept.refusals == [("Bg1", "countries", Reason.REJECTED)]
    assert (len(api.asked), kept.gone_links) == (1, [])


async def test_a_qr_code_that_is_gone_is_no_link_that_is_gone() -> None:
    kept = Kept()
    ask = asker(Api(lambda _: Gone("410")), kept)
    ask.facets = (*FACETS, "qr_scans", "qr_browsers")
    await ask.ask(beside(Kind.QR_CODE, "qr_scans"))
    assert kept.gone_links == []
    assert kept.missing == [(f, DAYS[0], Reason.GONE) for f in ("qr_scans", "qr_browsers")]
