"""What stands before a harvest is asked once in a while; what changes is noticed all the same."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.errors import ConfigError, Exit
from harvester.domain.rosters import BitlinkDetails
from harvester.harvest.summary import Outcome
from harvester.sandbox.server import running
from harvester.sandbox.world import World
from tests.whole.running import TODAY, Harvester, StillClock, select

WHO = ("/user", "/organizations", "/groups", "/user/platform_limits")
DAY = timedelta(days=1)


def quiet(*groups: str) -> World:
    link = BitlinkDetails("bit.ly/1", "https://bit.ly/1", "https://e.org/")
    return World.of({guid: [link] if guid == "Bg1" else [] for guid in groups}, {}, today=TODAY)


async def test_who_is_there_is_asked_by_the_first_run_and_a_week_later(engine: AsyncEngine) -> None:
    clock = StillClock()
    async with running(quiet("Bg1"), clock=clock) as sandbox:
        harvester, asked = Harvester(sandbox, engine, clock), []
        for _ in range(9):
            sandbox.requests.clear()
            assert (await harvester.run(None)).outcome is Outcome.COMPLETE
            asked.append(sum(sandbox.requests["GET", each] for each in WHO))
            clock.at += DAY
    assert asked == [3, 0, 0, 0, 0, 0, 0, 3, 0]


async def test_a_group_that_is_new_is_seen_within_a_week_at_once_if_it_is_meant_or_told_to(
    engine: AsyncEngine,
) -> None:
    clock = StillClock()
    async with running(quiet("Bg1"), clock=clock) as sandbox:
        await Harvester(sandbox, engine, clock).run(None)
    async with running(quiet("Bg1", "Bg2"), clock=clock) as sandbox:
        clock.at += DAY
        harvester = Harvester(sandbox, engine, clock)
        assert (await harvester.run(None)).counts.groups == 1
        assert (await harvester.run(None, include=("Bg2",))).counts.groups == 1
        assert (await harvester.run(None)).counts.groups == 2
    async with running(quiet("Bg1"), clock=clock) as sandbox:
        assert (await Harvester(sandbox, engine, clock).run(None, refresh=True)).counts.groups == 1


async def test_a_token_that_died_since_is_told_in_the_same_words(engine: AsyncEngine) -> None:
    clock = StillClock()
    async with running(quiet("Bg1"), clock=clock) as sandbox:
        harvester = Harvester(sandbox, engine, clock)
        await harvester.run(None)
        sandbox.switches.revoked = {sandbox.token}
        sandbox.requests.clear()
        clock.at += DAY
        summary = await harvester.run(None)
        assert summary.outcome.exit_code is Exit.NOT_AUTHORISED
        assert sandbox.requests["GET", "/user"] == 1
        first = await harvester.run(None, account="other")
        assert first.detail.replace("'other'", "'shop'") == summary.detail


async def test_a_group_that_is_no_longer_ours_is_noticed_and_left_out_by_the_next_run(
    engine: AsyncEngine,
) -> None:
    clock = StillClock()
    async with running(quiet("Bg1", "Bg2"), clock=clock) as sandbox:
        await Harvester(sandbox, engine, clock).run(None)
    async with running(quiet("Bg1"), clock=clock) as sandbox:
        clock.at += DAY
        summary = await Harvester(sandbox, engine, clock).run(None)
        assert summary.outcome is Outcome.INCOMPLETE
        assert "Bg2" in summary.detail
        clock.at += DAY
        summary = await Harvester(sandbox, engine, clock).run(None)
    assert (summary.outcome, summary.counts.groups) == (Outcome.COMPLETE, 1)


async def test_a_first_harvest_that_would_end_before_it_begins_is_refused(
    engine: AsyncEngine,
) -> None:
    async with running(quiet("Bg1"), clock=StillClock()) as sandbox:
        harvester = Harvester(sandbox, engine, StillClock())
        with pytest.raises(ConfigError, match="2026-10-01, and a first harvest begins on 2026-10"):
            await harvester.run(None, until="2026-10-01")
    assert await select(engine, "SELECT 1 FROM harvest_runs") == []
