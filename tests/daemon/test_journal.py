"""What a daemon does is in the database for whoever looks from outside."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.daemon.journal import ALIVE, Journal, journalled
from harvester.domain.events import (
    AccountStarted,
    Asked,
    Discovered,
    Event,
    StageStarted,
    TickEnded,
    TickPlanned,
    TickStarted,
    Waiting,
)
from harvester.store.live import Activity, live
from tests.fakes import FakeClock
from tests.store.making import NOW

SOON = NOW + timedelta(hours=6)
ASKED = Asked("shop", "clicks", ok=True)
HAPPENED: list[tuple[Event, tuple[str, int, int | None, str]]] = [
    (TickPlanned("shop", SOON, "spread"), ("", 0, None, "spread")),
    (TickStarted("shop", NOW, NOW, "open"), ("asking who this is", 0, None, "")),
    (AccountStarted("shop"), ("asking who this is", 0, None, "")),
    (Discovered("shop", "g", 1200, done=False), ("listing bitlinks", 0, None, "1,200 so far")),
    (Discovered("shop", "g", 1200, done=True), ("looking where clicks are", 0, None, "")),
    (StageStarted("shop", "clicks", 30), ("clicks", 0, 30, "")),
    (ASKED, ("clicks", 1, 30, "")),
    (Waiting("shop", "/x", 61, "limit"), ("clicks", 1, 30, "/x waits 61 s: limit")),
    (ASKED, ("clicks", 2, 30, "")),
    (TickEnded("shop", NOW, "open", "complete", "", 5, ok=True), ("", 0, None, "")),
]


def test_each_event_shows_in_what_an_account_does() -> None:
    journal = Journal(FakeClock(NOW))
    for event, shown in HAPPENED:
        journal.notify(event)
        [each] = journal.due()
        assert (each.stage, each.done, each.total, each.note) == shown
        assert each.outcome == ("complete" if isinstance(event, TickEnded) else "")


async def test_only_what_changed_is_noted_and_what_runs_now_and_then() -> None:
    clock = FakeClock(NOW)
    journal = Journal(clock)
    journal.notify(StageStarted("shop", "clicks", 30))
    journal.notify(TickPlanned("press", SOON))
    assert [each.account for each in journal.due()] == ["press", "shop"]
    assert journal.due() == []
    await clock.sleep(ALIVE)
    assert [each.account for each in journal.due()] == ["shop"]


async def test_the_database_holds_it_at_the_end_at_the_latest(engine: AsyncEngine) -> None:
    async with journalled(engine, FakeClock(NOW)) as sink:
        sink(StageStarted("shop", "clicks", 30))
        sink(TickPlanned("shop", SOON))
    [kept] = (await live(engine, NOW)).activities
    assert kept == Activity("shop", "", 0, 30, "", NOW, kept.updated_at, SOON)
