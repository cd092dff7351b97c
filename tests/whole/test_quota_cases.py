"""Random accounts, quotas and faults: each day keeps to the quota, and all is there in the end."""

import asyncio
import tempfile
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.bitly.facets import DEFAULT
from harvester.harvest.job import Budget
from harvester.harvest.plan import Strategy
from harvester.harvest.summary import Outcome
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import running
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World
from harvester.store.engine import opened
from tests.fakes import FakeClock
from tests.whole.running import NOON, TODAY, Harvester, missing, stored, truth

DAY = timedelta(days=1)
DAYS = 3
PATIENCE = 60  # days


@dataclass(frozen=True)
class Case:
    """An account, what its plan holds a month, and what others take of it each day."""

    seed: int
    links: int
    per_month: int
    others: int
    strategy: Strategy
    budget: Budget
    error_rate: float


cases = st.builds(
    Case,
    seed=st.integers(0, 99),
    links=st.integers(1, 14),
    per_month=st.integers(600, 3_000),
    others=st.integers(0, 3),
    strategy=st.sampled_from(Strategy),
    budget=st.sampled_from(Budget),
    error_rate=st.sampled_from([0.0, 0.05]),
)


async def harvested(case: Case, folder: str) -> None:
    world = World(case.seed, today=TODAY, links=case.links, days=DAYS + 2)
    limits, clock = Limits(per_month=case.per_month), FakeClock(NOON)
    switches = Switches(error_rate=case.error_rate)
    async with (
        opened(f"{folder}/harvester.db") as engine,
        running(world, limits=limits, switches=switches, clock=clock) as sandbox,
    ):
        harvester = Harvester(
            sandbox, engine, clock, {"strategy": case.strategy, "budget": case.budget}
        )
        first, ended = str(TODAY - (DAYS - 1) * DAY), []
        for _ in range(PATIENCE):
            summary = await harvester.run(first, until=str(TODAY))
            ended.append(summary.outcome)
            most = case.per_month - case.per_month * 20 // 100
            assert limits.used(clock.now()) <= max(most, limits.used_before)
            for facet in DEFAULT:
                assert (await stored(engine, facet)).items() <= truth(world, facet, DAYS).items()
            assert {why for _, why in await missing(engine)} <= {"quota", "unanswered"}
            if summary.outcome is Outcome.COMPLETE:
                break
            limits.used_before += case.others
            await clock.sleep(NOON + len(ended) * DAY - clock.now())
        assert ended[-1] is Outcome.COMPLETE, ended
        for facet in DEFAULT:
            assert await stored(engine, facet) == truth(world, facet, DAYS)


@settings(max_examples=10, derandomize=True, deadline=None)
@given(case=cases)
def test_whatever_a_month_holds_it_is_kept_to_and_suffices_in_the_end(case: Case) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(harvested(case, folder))
