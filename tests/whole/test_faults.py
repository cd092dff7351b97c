"""Each fault of the API, on both strategies, against two oracles.

Conservation: whatever is injected, each day, link and facet that the API offered is in the store as
it is, or named as missing. Liveness: once the faults stop, the next run ends with the truth.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.facets import DEFAULT
from harvester.domain.events import Asked, Discovered, Event
from harvester.harvest.plan import Strategy
from harvester.harvest.summary import Outcome
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.switches import BREAKAGES, Switches
from harvester.sandbox.world import World
from tests.fakes import FakeClock
from tests.whole.running import (
    NOON,
    TODAY,
    Harvester,
    assert_conserved,
    assert_equals_truth,
    missing,
)

TWO_PAGES = 110  # links of one group
MID_RUN = 20

Turn = Callable[[Sandbox], None]


@dataclass(frozen=True)
class Fault:
    """What goes wrong: from the beginning, once so many answers have come, or while listing."""

    switches: Callable[[], Switches] = Switches
    mid_run: Turn | None = None
    listing: Turn | None = None
    links: int = 14
    days: int = 4
    lasting: frozenset[str] = frozenset()  # reasons that outlast it, as they should


def broken(how: str, rate: float = 0.3) -> Fault:
    return Fault(lambda: Switches(broken_rate=rate, broken=(how,)))  # type: ignore[arg-type]


def turned(**switches: object) -> Turn:
    def turn(sandbox: Sandbox) -> None:
        for name, value in switches.items():
            setattr(sandbox.switches, name, value)

    return turn


def spend(sandbox: Sandbox) -> None:
    """Another program takes what is left of the month."""
    sandbox.limits.per_month = sandbox.limits.used(NOON)


def delete_some(sandbox: Sandbox) -> None:
    """Bitlinks disappear while their list is read."""
    world = sandbox.world
    for guid in world.groups:
        for link in list(world.links(guid))[::7]:
            world.delete_link(link.id)


FAULTS: dict[str, Fault] = {
    "errors of all kinds": Fault(lambda: Switches(error_rate=0.3, errors=(500, 502, 503, 504))),
    "errors on everything": Fault(mid_run=turned(error_rate=1.0)),
    **{how: broken(how) for how in BREAKAGES},
    "everything is html": Fault(mid_run=turned(broken_rate=1.0, broken=("html",))),
    "control characters": Fault(lambda: Switches(raw_control_characters=True)),
    "integer references": Fault(lambda: Switches(integer_references=True)),
    "nobody answers in time": Fault(mid_run=turned(latency=timedelta(hours=1)), links=8),
    "links come twice": Fault(lambda: Switches(overlap=17), links=TWO_PAGES, days=1),
    "links disappear": Fault(
        listing=delete_some, links=TWO_PAGES, days=1, lasting=frozenset({"gone"})
    ),
    "a cursor repeats": Fault(lambda: Switches(stuck_cursor=True), links=TWO_PAGES, days=1),
    "a smaller plan": Fault(mid_run=turned(refused={"cities", "devices"})),
    "no plan at all": Fault(mid_run=turned(refused=set(DEFAULT))),
    "a shorter history": Fault(mid_run=turned(history=2), lasting=frozenset({"history"})),
    "a token revoked": Fault(mid_run=turned(revoked={"sandbox-token"})),
    "a month spent by others": Fault(mid_run=spend),
}


@pytest.mark.parametrize("template", ["sqlite"], indirect=True)
@pytest.mark.parametrize("strategy", Strategy)
@pytest.mark.parametrize("name", FAULTS)
async def test_nothing_is_lost_or_invented_and_the_next_run_completes(
    engine: AsyncEngine, name: str, strategy: Strategy
) -> None:
    fault = FAULTS[name]
    world = World(
        51,
        today=TODAY,
        groups=1 if fault.links == TWO_PAGES else 2,
        links=fault.links,
        days=fault.days + 2,
        control_characters=True,
    )
    clock = FakeClock(NOON)
    async with running(world, switches=fault.switches(), limits=Limits(), clock=clock) as sandbox:
        sandbox.clock = Stalling(clock)
        harvester = Harvester(sandbox, engine, clock, {"strategy": strategy})
        harvester.timeout = timedelta(seconds=0.05 if "in time" in name else 30)
        happened = watch(harvester, fault)
        await harvester.run(f"{fault.days}d")
        assert happened(), "the fault never happened"
        await assert_conserved(engine, world, fault.days)
        await calm(harvester)
        outcome = (await harvester.run(f"{fault.days}d")).outcome
        if fault.lasting:
            assert {reason for _, reason in await missing(engine)} <= fault.lasting
            await assert_conserved(engine, world, fault.days)
        else:
            assert outcome is Outcome.COMPLETE
            await assert_equals_truth(engine, world, fault.days)


class Stalling:
    """The time of another clock; who sleeps by it really does."""

    def __init__(self, clock: FakeClock) -> None:
        self.now = clock.now

    async def sleep(self, duration: timedelta) -> None:
        await asyncio.sleep(duration.total_seconds())  # noqa: TID251 - until the client gives up


def watch(harvester: Harvester, fault: Fault) -> Callable[[], bool]:
    """Let the fault happen when its time comes; return what tells whether it did."""
    turn = fault.mid_run or fault.listing
    seen = 0

    def look(event: Event) -> None:
        nonlocal seen, turn
        seen += isinstance(event, Asked)
        due = seen >= MID_RUN if fault.mid_run else isinstance(event, Discovered)
        if turn and due:
            turn(harvester.sandbox)
            turn = None

    harvester.watch = look
    return lambda: turn is None


async def calm(harvester: Harvester) -> None:
    """Let all faults stop, and what was noted of them pass by."""
    sandbox, off = harvester.sandbox, Switches()
    for name in Switches.__slots__:
        setattr(sandbox.switches, name, getattr(off, name))
    sandbox.limits.per_month = None
    harvester.watch = None
    await harvester.clock.sleep(timedelta(minutes=1))
    async with harvester.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM refusals")  # they hold for a day
        await connection.exec_driver_sql("UPDATE accounts SET stopped_until = NULL")  # for a month
