"""A harvest goes by what a probe found: it sends other requests, and ends with the same facts."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.limiter import Limiter
from harvester.harvest.plan import Strategy
from harvester.harvest.prelude import prelude
from harvester.harvest.probing import Probe
from harvester.harvest.profile import save_probed
from harvester.harvest.summary import Outcome
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.switches import Habits, Switches
from harvester.sandbox.world import World
from harvester.store.entries import save_entry
from tests.fakes import FakeClock
from tests.whole.running import (
    NOON,
    TODAY,
    Harvester,
    StillClock,
    assert_equals_truth,
)

DAYS = 4
ROSTER = ("GET", "/groups/{group_guid}/bitlinks")


async def probe(sandbox: Sandbox, engine: AsyncEngine) -> dict[str, str | None]:
    """Probe the account as `harvest check --probe` does, and keep it."""
    clock = FakeClock(NOON)
    client = BitlyClient(
        sandbox.token,
        base_url=sandbox.url,
        clock=clock,
        limiter=Limiter(clock, requests_per_hour=None),
    )
    async with client:
        said = await prelude(client, "shop")
        groups = [group.guid for group in said.groups]
        probed = await Probe("shop", said, groups, client, clock).probe()
    known = await save_entry(
        engine, "shop", said.user.login, said.organizations, said.groups, clock.now()
    )
    await save_probed(engine, known.account_id, known.keys, probed, clock)
    sandbox.requests.clear()
    return {finding.name: finding.value for finding in probed.findings}


VARIANTS = {
    "nearest": Habits(nearest=True),
    "sparse": Habits(sparse=True),
    "nearest and sparse": Habits(nearest=True, sparse=True),
    "pages of 100": Habits(most_page=100),
    "lists of 1000": Habits(most_sorted=1000),
    "sizes up to 100": Habits(most_size=100),
    "without customs": Habits(customs_in_total=False),
    "counts by the minute": Habits(counts="minute", counts_itself=False),
    "another row": Habits(month_row=("usage", "Calls to us")),
}


@pytest.mark.parametrize("strategy", Strategy)
@pytest.mark.parametrize("habits", VARIANTS.values(), ids=VARIANTS)
async def test_after_a_probe_each_way_of_the_api_ends_with_the_truth(
    engine: AsyncEngine, habits: Habits, strategy: Strategy
) -> None:
    world, clock = World(5, today=TODAY, links=12, days=20), StillClock()
    switches = Switches(habits=habits)
    async with running(world, switches=switches, limits=Limits(), clock=clock) as sandbox:
        await probe(sandbox, engine)
        harvester = Harvester(sandbox, engine, clock, {"strategy": strategy})
        summary = await harvester.run(f"{DAYS}d")
    assert summary.outcome is Outcome.COMPLETE
    await assert_equals_truth(engine, world, DAYS)


@pytest.mark.parametrize("hour", [1, 9, 13, 23])
@pytest.mark.parametrize("strategy", Strategy)
@pytest.mark.parametrize("refused", [set(), {"/groups/{group_guid}/clicks"}], ids=["", "no totals"])
async def test_no_day_is_taken_for_another_even_without_a_probe(
    engine: AsyncEngine, hour: int, strategy: Strategy, refused: set[str]
) -> None:
    world, clock = World(5, today=TODAY, links=6, days=20), StillClock(NOON.replace(hour=hour))
    switches = Switches(habits=Habits(nearest=True), refused=refused)
    async with running(world, switches=switches, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock, {"strategy": strategy})
        summary = await harvester.run(f"{DAYS}d")
    assert summary.outcome is Outcome.COMPLETE
    await assert_equals_truth(engine, world, DAYS)
