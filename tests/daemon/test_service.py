"""Accounts side by side: on time, each by itself, through failures, reloads and the end."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from harvester.daemon.schedule import Rhythm
from harvester.domain.errors import ConfigError
from harvester.domain.events import (
    DaemonStarted,
    DaemonStopped,
    DatabaseBack,
    DatabaseGone,
    Draining,
    Reloaded,
    ReloadRefused,
    TickEnded,
    TickPlanned,
    TicksSpread,
    TickStarted,
)
from harvester.harvest.lease import AccountHeld
from harvester.harvest.summary import Outcome
from harvester.store.errors import StoreUnavailable
from tests.daemon.watching import DAY, HOUR, MINUTE, NOON, SECOND, Scene, summary

MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_an_account_ticks_on_time(scene: Scene) -> None:
    async with scene.daemon(scene.member("shop")):
        await scene.clock.until(NOON + 18 * HOUR - MILLISECOND)
        assert scene.began() == [0 * HOUR, 6 * HOUR, 12 * HOUR]
        await scene.clock.until(NOON + 18 * HOUR)
        assert scene.began()[-1] == 18 * HOUR
    assert [event.at for event in scene.told(TickPlanned)] == [
        NOON + hours * HOUR for hours in (0, 6, 12, 18, 24)
    ]


async def test_each_tick_has_its_errand(scene: Scene) -> None:
    async with scene.daemon(scene.member("shop")):
        await scene.clock.until(NOON + 7 * DAY)
    errands = [event.errand for event in scene.told(TickStarted)]
    day = ["settling", "open", "open", "open"]
    assert errands == ["backfill", "open", "open", "open", *(6 * day), "backfill"]
    assert [first for _, _, first in scene.runs[:5]] == [
        None,
        *[date(2026, 11, day) for day in (21, 21, 22, 18)],
    ]


async def test_a_run_that_outlasts_its_rhythm_is_followed_by_one_tick_for_all_it_missed(
    scene: Scene,
) -> None:
    scene.lasts = 14 * HOUR
    async with scene.daemon(scene.member("shop")):
        await scene.clock.until(NOON + 15 * HOUR)
        scene.lasts = HOUR
        await scene.clock.until(NOON + 36 * HOUR)
    assert scene.began() == [0 * HOUR, 14 * HOUR, 28 * HOUR, 30 * HOUR, 36 * HOUR]
    assert [event.missed for event in scene.told(TickStarted)] == [False, True, True, False, False]


async def test_a_daemon_that_comes_back_makes_up_once_for_what_it_missed(scene: Scene) -> None:
    member = scene.member("shop", at_start=False)
    async with scene.daemon(member):
        await scene.clock.until(NOON + 6 * HOUR)
    await scene.clock.until(NOON + 20 * HOUR)
    async with scene.daemon(member):
        await scene.clock.until(NOON + 24 * HOUR)
    assert scene.began() == [6 * HOUR, 20 * HOUR, 24 * HOUR]
    assert [event.errand for event in scene.told(TickStarted)] == ["backfill", "open", "open"]


async def test_an_account_that_fails_is_told_and_stops_no_other(scene: Scene) -> None:
    def broken() -> Exception:
        return ZeroDivisionError("by what?")

    scene.comes["press"] = broken
    async with scene.daemon(scene.member("press"), scene.member("shop")):
        await scene.clock.until(NOON + 12 * HOUR)
    assert scene.began("shop") == scene.began("press") == [0 * HOUR, 6 * HOUR, 12 * HOUR]
    ended = [event for event in scene.told(TickEnded) if event.account == "press"]
    assert {event.outcome for event in ended} == {"failed"}
    assert ended[0].detail.startswith("unexpected ZeroDivisionError: by what? (watching.py:")


async def test_an_account_that_another_process_holds_is_tried_again_at_the_next_tick(
    scene: Scene,
) -> None:
    scene.comes["shop"] = lambda: AccountHeld("account 'shop' is being harvested by host:7")
    async with scene.daemon(scene.member("shop")):
        await scene.clock.until(NOON + 6 * HOUR)
    assert scene.began() == [0 * HOUR, 6 * HOUR]
    [one, _] = scene.told(TickEnded)
    assert (one.outcome, one.detail) == ("held", "account 'shop' is being harvested by host:7")


async def test_an_outage_of_an_hour_is_over_soon_after_its_end(scene: Scene) -> None:
    scene.comes["shop"] = lambda: (
        Outcome.UNANSWERED if scene.clock.now() < NOON + HOUR else Outcome.COMPLETE
    )
    async with scene.daemon(scene.member("shop")):
        await scene.clock.until(NOON + 6 * HOUR)
    *tries, healed, following = scene.began()
    assert len(tries) <= 10
    assert HOUR <= healed <= HOUR + 15 * MINUTE
    assert following == 6 * HOUR


async def test_ticks_are_spread_where_requests_are_short_and_it_is_told_once(scene: Scene) -> None:
    scene.comes["shop"] = lambda: summary(Outcome.COMPLETE, requests=10, left=60)
    async with scene.daemon(scene.member("shop")):
        await scene.clock.until(NOON + 5 * DAY)
    [spread] = scene.told(TicksSpread)
    assert spread.until == datetime.fromisoformat("2026-12-01T00:00Z")
    assert spread.why == "the month's last 60 requests suffice for 6 ticks of 10"
    assert scene.began()[:3] == [0 * HOUR, 6 * HOUR, 6 * HOUR + (9.25 * DAY) / 6]


async def test_a_spent_account_rests_until_it_has_new_requests(scene: Scene) -> None:
    until = NOON + 12 * HOUR
    scene.comes["shop"] = lambda: replace(summary(Outcome.QUOTA), again_at=until)
    async with scene.daemon(scene.member("shop")):
        await scene.clock.until(until)
    assert scene.began() == [0 * HOUR, 12 * HOUR]
    [spread] = scene.told(TicksSpread)
    assert spread.until == until


async def test_a_database_that_is_gone_is_told_once_and_waited_for(scene: Scene) -> None:
    async with scene.daemon(scene.member("press"), scene.member("shop")):
        await scene.clock.until(NOON + 5 * HOUR)
        scene.broken = StoreUnavailable("harvester.db: disk I/O error")
        await scene.clock.until(NOON + 6 * HOUR + 10 * MINUTE)
        scene.broken = None
        await scene.clock.until(NOON + 6 * HOUR + 11 * MINUTE)
        [gone], [back] = scene.told(DatabaseGone), scene.told(DatabaseBack)
        assert gone == DatabaseGone(NOON + 6 * HOUR, "harvester.db: disk I/O error")
        assert 600 <= back.seconds <= 660
        assert len(scene.began()) <= 30
        await scene.clock.until(NOON + 12 * HOUR)
    assert scene.began()[-1] == 12 * HOUR


async def test_a_database_that_is_gone_to_begin_with_is_waited_for(scene: Scene) -> None:
    scene.broken = StoreUnavailable("no connection")
    async with scene.daemon(scene.member("shop")):
        await scene.clock.until(NOON + HOUR)
        assert scene.began() == []
        scene.broken = None
        await scene.clock.until(NOON + HOUR + MINUTE)
    assert len(scene.began()) == 1


async def test_a_run_under_way_is_brought_to_its_end_when_told_to_stop(scene: Scene) -> None:
    scene.lasts = HOUR
    async with scene.daemon(scene.member("shop"), scene.member("press", at_start=False)):
        await scene.clock.until(NOON + MINUTE)
    assert scene.told(Draining) == [Draining(("shop",))]
    [ended] = scene.told(TickEnded)
    assert ended.outcome == "interrupted"
    assert scene.events[0] == DaemonStarted(NOON, ("shop", "press"))
    assert scene.events[-1] == DaemonStopped(NOON + MINUTE)


async def test_an_interrupted_tick_is_made_up_by_the_next_daemon(scene: Scene) -> None:
    scene.lasts = HOUR
    async with scene.daemon(scene.member("shop")):
        await scene.clock.until(NOON + MINUTE)
    scene.lasts = timedelta()
    async with scene.daemon(scene.member("shop")):
        await scene.clock.until(NOON + 2 * MINUTE)
    assert [event.errand for event in scene.told(TickStarted)] == ["backfill", "backfill"]


async def test_a_reload_adds_changes_and_removes_accounts(scene: Scene) -> None:
    shop, press, blog = (scene.member(name) for name in ("shop", "press", "blog"))
    async with scene.daemon(shop, press):
        await scene.clock.until(NOON + HOUR)
        often = replace(shop, rhythm=Rhythm(2 * HOUR), settings="other")
        await scene.reloads(often, blog)
        await scene.clock.until(NOON + 6 * HOUR)
    assert scene.told(Reloaded) == [Reloaded(("blog",), ("press",), ("shop",))]
    assert scene.began("shop") == [0 * HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR]
    assert scene.began("press") == [0 * HOUR]
    assert scene.began("blog") == [HOUR]


async def test_an_account_that_is_removed_in_mid_run_is_brought_to_its_end(scene: Scene) -> None:
    scene.lasts = HOUR
    async with scene.daemon(scene.member("shop")):
        await scene.reloads()
        [ended] = scene.told(TickEnded)
    assert ended.outcome == "interrupted"


async def test_a_reload_of_wrong_settings_leaves_the_old_ones_in_force(scene: Scene) -> None:
    async with scene.daemon(scene.member("shop")):
        scene.members = ConfigError("config.toml: is no TOML")
        scene.reload.set()
        await scene.clock.until(NOON + 6 * HOUR)
    assert scene.told(ReloadRefused) == [ReloadRefused("config.toml: is no TOML")]
    assert scene.began() == [0 * HOUR, 6 * HOUR]


async def test_a_reload_in_mid_run_holds_from_the_next_run_on(scene: Scene) -> None:
    scene.lasts = HOUR
    async with scene.daemon(scene.member("shop")):
        await scene.clock.until(NOON + MINUTE)
        await scene.reloads(scene.member("shop", 2 * HOUR))
        await scene.clock.until(NOON + 2 * HOUR)
    assert scene.began() == [0 * HOUR, 2 * HOUR]


async def test_a_reload_wakes_an_account_whose_token_was_refused_and_no_other(scene: Scene) -> None:
    scene.comes["shop"] = lambda: Outcome.NOT_AUTHORISED
    async with scene.daemon(scene.member("shop"), scene.member("press")):
        await scene.clock.until(NOON + HOUR)
        await scene.reloads(scene.member("shop"), scene.member("press"))
    assert scene.began("shop") == [0 * HOUR, HOUR]
    assert scene.began("press") == [0 * HOUR]


async def test_a_token_that_changes_wakes_an_account_within_a_minute_of_being_refused(
    scene: Scene,
) -> None:
    scene.comes["shop"] = lambda: Outcome.NOT_AUTHORISED
    async with scene.daemon(scene.member("shop")):
        await scene.clock.until(NOON + HOUR + SECOND)
        scene.renewed = True
        scene.comes["shop"] = lambda: Outcome.COMPLETE
        await scene.clock.until(NOON + 7 * HOUR)
    assert scene.began() == [0 * HOUR, HOUR + MINUTE, 6 * HOUR]


async def test_a_token_that_was_replaced_while_it_was_refused_is_tried_at_once(
    scene: Scene,
) -> None:
    scene.lasts, scene.comes["shop"] = MINUTE, lambda: Outcome.NOT_AUTHORISED
    async with scene.daemon(scene.member("shop")):
        await scene.reloads(scene.member("shop", settings="another token"))
        await scene.clock.until(NOON + HOUR)
    assert scene.began() == [0 * HOUR, MINUTE]


async def test_a_clock_that_leaps_is_noticed_within_a_minute(scene: Scene) -> None:
    async with scene.daemon(scene.member("shop")):
        await scene.clock.until(NOON + HOUR)
        scene.clock.leap(8 * HOUR)  # as a machine does that slept
        await scene.clock.until(NOON + 9 * HOUR + MINUTE)
    [_, late] = scene.began()
    assert late <= 9 * HOUR + MINUTE


async def test_many_accounts_tick_side_by_side(scene: Scene) -> None:
    scene.lasts = 5 * MINUTE
    names = [f"account {number}" for number in range(50)]
    async with scene.daemon(*(scene.member(name, 10 * MINUTE) for name in names)):
        await scene.clock.until(NOON + 10 * MINUTE)
    assert all(scene.began(name) == [0 * MINUTE, 10 * MINUTE] for name in names)
