"""Every metric of the API, harvested from the sandbox, is its truth, whatever the strategy."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.facets import FACETS
from harvester.domain.rosters import BitlinkDetails
from harvester.domain.subjects import Kind
from harvester.harvest.plan import Strategy
from harvester.harvest.summary import Outcome
from harvester.sandbox.measures import Measures, added
from harvester.sandbox.server import running
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World
from harvester.store.upgrade import view_sources
from tests.whole.running import NOON, TODAY, Harvester, StillClock, select

DAYS = 3
SOURCES = view_sources()
SUBJECT = {
    Kind.BITLINK: "bitlink",
    Kind.CUSTOM_BITLINK: "custom_bitlink",
    Kind.GROUP: "group_guid",
    Kind.ORGANIZATION: "organization_guid",
    Kind.QR_CODE: "qr_code",
}
Facts = dict[tuple[str, ...], int]


def world() -> World:
    """A small one, with a custom back-half on a domain of its own that has clicks."""
    made = World(5, today=TODAY, groups=2, links=14, days=DAYS)
    guid = next(iter(made.groups))
    for number in range(4):
        custom = f"go.example.com/Spring-{number}"
        link = BitlinkDetails(
            f"go.example.com/x{number}", "", "https://e.example", custom_ids=(custom,)
        )
        made.add_link(guid, link)
    return made


def view_of(facet: str) -> str:
    """The view that shows a facet as it is."""
    if facet == "clicks":
        return "clicks_by_day"
    needle = f"JOIN facets ON facets.id = snapshots.facet_id AND facets.name = '{facet}'"
    [view] = [view for view, sql in SOURCES.items() if needle in sql and "UNION" not in sql]
    return view


def truth(measures: Measures, facet: str) -> Facts:
    """What the view of a facet must hold: (day, subject, *labels) -> count."""
    days = [TODAY - timedelta(days=back) for back in range(DAYS)]
    if FACETS[facet].bare:
        days = [TODAY - timedelta(days=back) for back in range(TODAY.day)]
    found: Facts = {}
    for subject, _ in measures.subjects(FACETS[facet].kind):
        for day in days:
            shown = TODAY.replace(day=1) if FACETS[facet].bare else day
            rows = measures.rows(facet, subject, day)
            if facet == "engagements" and rows:
                rows = {(): sum(rows.values())}
            if facet == "clicks_by_hour" and day == TODAY:  # the present hour holds the rest
                rows = added({(min(str(hour), f"{NOON:%H}"),): n} for (hour,), n in rows.items())
            for labels, count in rows.items():
                key = (str(shown), subject, *map(str, labels))
                found[key] = found.get(key, 0) + count
    return found


async def stored(engine: AsyncEngine, facet: str) -> Facts:
    """What the view of a facet does hold."""
    of = FACETS[facet]
    columns = () if of.series else of.columns
    count = {"engagements": "engagements"}.get(facet, of.counts)
    names = ", ".join(["day", SUBJECT[of.kind], *columns, count])
    rows = await select(engine, f"SELECT {names} FROM {view_of(facet)} WHERE account = 'shop'")
    if facet == "clicks_by_hour":  # an instant there
        rows = [(row[0], row[1], str(row[2])[11:13], row[3]) for row in rows]
    found = {(str(row[0]), *map(str, row[1:-1])): int(row[-1]) for row in rows}
    assert len(found) == len(rows), f"{facet} holds something twice"
    return found


@asynccontextmanager
async def harvester(
    engine: AsyncEngine, switches: Switches | None = None
) -> AsyncIterator[Harvester]:
    """A harvester of all facets."""
    clock = StillClock()
    options = {"facets": tuple(FACETS), "hourly_days": DAYS}
    async with running(world(), clock=clock, switches=switches) as sandbox:
        yield Harvester(sandbox, engine, clock, options)


@pytest.mark.parametrize("strategy", Strategy)
async def test_every_metric_is_the_truth(engine: AsyncEngine, strategy: Strategy) -> None:
    async with harvester(engine) as shop:
        summary = await shop.run(f"{DAYS}d", strategy=strategy)
        assert (summary.outcome, summary.detail) == (Outcome.COMPLETE, "")
        for facet in FACETS:
            true = truth(Measures(shop.sandbox.world), facet)
            assert await stored(engine, facet) == true, facet
            assert true, f"{facet} was not tried at all"
        assert await select(engine, "SELECT * FROM harvest_missing") == []
