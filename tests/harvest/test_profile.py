"""What is known of an account's API changes how it is asked; what is not understood does not."""

from datetime import UTC, datetime

import pytest

from harvester.bitly.client import BitlyClient
from harvester.bitly.facets import FACETS
from harvester.bitly.limiter import Limiter
from harvester.bitly.manners import Manners, Reference
from harvester.domain.windows import day_window
from harvester.harvest.profile import profile_of
from harvester.sandbox.server import running
from harvester.sandbox.world import World
from harvester.store.profiles import Fact
from tests.fakes import FakeClock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def known(**values: str) -> Manners:
    facts = {name: Fact(value, "probe", "", NOON) for name, value in values.items()}
    return profile_of(facts).manners


def test_without_facts_the_careful_assumption_holds() -> None:
    assert known() == Manners(settled=False)
    assert profile_of({}).month_row is None


def test_each_fact_has_its_place() -> None:
    assert known(
        page_size="1000",
        sorted_size="250",
        facet_rows="50",
        window_rule="nearest",
        limits_count="minute",
    ) == Manners(1000, 250, 50, Reference.START, settled=True, counts_hours=False)
    assert profile_of({"month_row": Fact("quota", "probe", "", NOON)}).month_row == "quota"


@pytest.mark.parametrize("text", ["", "many", "-5", "1e9"])
def test_a_fact_that_is_not_understood_counts_as_unknown(text: str) -> None:
    sizes = {"page_size": text, "sorted_size": text, "facet_rows": text}
    assert known(**sizes) == known()


async def test_manners_change_what_is_sent() -> None:
    clock = FakeClock(NOON)
    world = World(today=NOON.date(), groups=1, links=250)
    [guid], day = world.groups, day_window(NOON.date().replace(day=20))
    async with running(world, clock=clock, keep_log=True) as sandbox:
        client = BitlyClient(
            sandbox.token,
            base_url=sandbox.url,
            clock=clock,
            limiter=Limiter(clock, requests_per_hour=None),
        )
        client.use(Manners(page=1000, rows=50, reference=Reference.START, counts_hours=False))
        async with client:
            links = [link.id async for link in client.bitlinks(guid)]
            await client.ask(FACETS["countries"], links[0], [day])
        assert len(links) == 250
        assert sandbox.log is not None
        page, countries = [asked.path for asked in sandbox.log]
    assert "size=1000" in page
    assert "size=50" in countries
    assert "T00%3A00%3A01" in countries
    assert not client.limiter.counts_hours
