"""Breakdowns that do not add up are stored as told, are visible, and are not asked for for ever."""

from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.rosters import BitlinkDetails
from harvester.sandbox.catalogue import Rows
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.world import World
from tests.whole.running import (
    NOON,
    TODAY,
    VIEWS,
    Harvester,
    StillClock,
    missing,
    select,
    statuses,
    stored,
    truth,
)

DAY = timedelta(days=1)
NAMES = [f"bit.ly/{number}" for number in range(5)]
LINKS = [BitlinkDetails(name, f"https://{name}", "https://e.org/") for name in NAMES]
CLICKS = {("bit.ly/1", TODAY - DAY): 5, ("bit.ly/2", TODAY): 3, ("bit.ly/3", TODAY): 4}
ROWS: dict[tuple[str, str, date], Rows] = {
    ("bit.ly/1", "countries", TODAY - DAY): {("US",): 4},
    ("bit.ly/2", "devices", TODAY): {("Mobile",): 5, ("Desktop",): 2},
}
OF_YESTERDAY = ("bit.ly/1", "countries", str(TODAY - DAY), 5, 4)
OF_TODAY = ("bit.ly/2", "devices", str(TODAY), 3, 7)


async def contradictions(engine: AsyncEngine) -> list[tuple[object, ...]]:
    names = "bitlink, facet, day, clicks, facet_clicks"
    found = await select(engine, f"SELECT {names} FROM harvest_contradictions ORDER BY bitlink")
    return [(row[0], row[1], str(row[2]), *row[3:]) for row in found]


def breakdowns(sandbox: Sandbox) -> dict[str, int]:
    """How many breakdowns of each kind were asked for since the last look."""
    counts = {
        facet: count
        for facet in VIEWS
        if (count := sandbox.requests["GET", f"/bitlinks/{{bitlink}}/{facet}"])
    }
    sandbox.requests.clear()
    return counts


async def test_breakdowns_that_never_add_up_are_told_of_and_left_alone_once_settled(
    engine: AsyncEngine,
) -> None:
    world = World.of({"Bg1": LINKS}, CLICKS, ROWS, today=TODAY)
    clock = StillClock()
    async with running(world, clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        await harvester.run("2d")
        assert await contradictions(engine) == [OF_YESTERDAY]  # today still goes on
        breakdowns(sandbox)
        clock.at = NOON + DAY
        await harvester.run(None)
        assert await contradictions(engine) == [OF_YESTERDAY, OF_TODAY]
        assert breakdowns(sandbox) == {"countries": 1, "devices": 1}
        for days in (4, 5, 6):
            clock.at = NOON + days * DAY
            await harvester.run("2026-11-20")
            asked = {"countries": 1, "devices": 1} if days == 4 else {}
            assert breakdowns(sandbox) == asked
    assert await contradictions(engine) == [OF_YESTERDAY, OF_TODAY]
    for facet in VIEWS:
        assert await stored(engine, facet) == truth(world, facet, 2)
    assert not await missing(engine)
    assert {(await statuses(engine))["Bg1", str(TODAY - back * DAY)] for back in (0, 1)} == {
        "settled"
    }
