"""Progress: lines now and then into a log, a bar on a terminal, nothing if quiet."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from harvester.cli.progress import Bar, Lines, progress
from harvester.domain.events import (
    AccountStarted,
    Asked,
    Discovered,
    Event,
    Problem,
    StageStarted,
    Waiting,
)
from harvester.domain.snapshots import Reason
from tests.fakes import FakeClock

ASKED = Asked("shop", "clicks", ok=True)
REFUSED = Problem("shop", Reason.NOT_IN_PLAN, "cities are \x1b[2Jrefused")
ALL: list[Event] = [
    AccountStarted("shop"),
    Discovered("shop", "B1", 100, done=False),
    Discovered("shop", "B1", 1_234, done=True),
    StageStarted("shop", "clicks", 2),
    Waiting("shop", "/clicks", 61.4, "the minute is spent"),
    REFUSED,
    ASKED,
    ASKED,
]


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 11, 21, 12, tzinfo=UTC))


def test_lines_tell_each_stage_and_problem_once(clock: FakeClock) -> None:
    log = StringIO()
    lines = Lines(log, clock)
    for event in ALL:
        lines.notify(event)
    assert log.getvalue().replace("2026-11-21T12:00:00Z shop: ", "").splitlines() == [
        "started",
        "1,234 bitlinks of group B1",
        "clicks: 2 requests to send",
        "/clicks waits 61 s: the minute is spent",
        "cities are �[2Jrefused",
        "clicks: 2 of 2, 2,000.0/s, 0 s left",
    ]


async def test_lines_come_at_most_every_ten_seconds(clock: FakeClock) -> None:
    log = StringIO()
    lines = Lines(log, clock)
    lines.notify(StageStarted("shop", "clicks", 1_000))
    for _ in range(40):
        await clock.sleep(timedelta(seconds=0.5))
        lines.notify(ASKED)
    assert log.getvalue().splitlines()[1:] == [
        "2026-11-21T12:00:10Z shop: clicks: 20 of 1,000, 2.0/s, 490 s left",
        "2026-11-21T12:00:20Z shop: clicks: 40 of 1,000, 2.0/s, 480 s left",
    ]


@pytest.mark.parametrize("width", [40, 120])
def test_bar_shows_any_event_on_any_width(width: int) -> None:
    screen = Terminal()
    with Bar(Console(file=screen, force_terminal=True, width=width)) as bar:
        for event in ALL:
            bar.notify(event)
    shown = screen.getvalue()
    assert "cities are �[2Jrefused" in shown
    assert "shop: clicks" in shown
    assert "2/2" in shown


def test_what_watches_fits_the_stream(clock: FakeClock) -> None:
    for stream, quiet, shown in (
        (StringIO(), False, "2026-11-21T12:00:00Z shop: started"),
        (Terminal(), False, "shop: asking who this is"),
        (Terminal(), True, ""),
    ):
        with progress(stream, clock, quiet=quiet) as notify:
            notify(AccountStarted("shop"))
        assert shown in stream.getvalue()
        assert bool(stream.getvalue()) is not quiet
