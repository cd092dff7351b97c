"""An overview of three accounts, made by hand: one is well, one runs, one needs a look."""

from datetime import UTC, datetime, timedelta

from harvester.harvest.overview import Overview, overview
from harvester.store.leaving import Leaving
from harvester.store.live import Activity, Held, Known, Live, MonthQuota, RecentRun
from harvester.store.standing import Contradictions, GroupStanding, LastRun, MissingCount, Standing

NOW = datetime(2026, 11, 21, 14, 40, tzinfo=UTC)
SHOP = "Shop"
HOSTILE = "<script>alert(1)</script>\u202e&\"'"


def ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


def group(account: str, guid: str, name: str, missing: int = 0) -> GroupStanding:
    days = ("2026-08-24", "2026-11-21", "2026-11-17")
    return GroupStanding(account, guid, name, 40, *days, 0, 4, 86, missing)


def standing(name: str = SHOP) -> Standing:
    return Standing(
        groups=(group("events", "Be1", "Events"), group("press", "Bp1", name, 99)),
        missing=(
            MissingCount("press", "Bp1", "cities", name, 96, 24, "2026-11-18", "2026-11-21"),
            MissingCount("press", "Bp1", "clicks", "unanswered", 3, 3, "2026-11-21", "2026-11-21"),
        ),
        runs=(LastRun("press", "", "", "incomplete", 412, "3 requests were not answered"),),
        contradictions=(Contradictions("press", "Bp1", 2, 0),),
        leaving=(Leaving("press", "Bp1", 140, "2026-08-24", "2026-11-23"),),
    )


def idle(account: str, hours: int) -> Activity:
    return Activity(account, "", 0, None, "", ago(55), NOW, NOW + timedelta(hours=hours))


def going_on(name: str = SHOP, updated: datetime = NOW) -> Live:
    runs = Activity(name, "clicks", 1234, 1840, "", ago(3), updated, None)
    return Live(
        accounts=("events", "press", name),
        activities=(idle("events", 2), idle("press", 5), runs),
        runs=(
            RecentRun(name, ago(3), None, None, None, None, None, None),
            RecentRun("press", ago(57), ago(55), "incomplete", 412, 1204, 99, name),
            RecentRun("events", ago(125), ago(124), "complete", 7, 40, 0, ""),
            RecentRun(name, ago(400), None, None, None, None, None, None),
        ),
        succeeded={"events": ago(124), "press": ago(55)},
        quotas=(MonthQuota("press", 9420, 10_000), MonthQuota("events", 900, 10_000)),
        held=(Held(name, f"{name}:812:ab12cd", NOW + timedelta(seconds=50)),),
        known=(Known("events", "Be1", ago(124)), Known("press", "Bp1", ago(870))),
        rests={},
    )


def seen(name: str = SHOP) -> Overview:
    return overview(standing(name), going_on(name), NOW)
