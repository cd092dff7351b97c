"""The log: one line for each run and problem, at debug level one for each request."""

import json
import logging
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from harvester.daemon.logs import Logs
from harvester.domain.events import (
    AccountStarted,
    Asked,
    DaemonStarted,
    DaemonStopped,
    DatabaseBack,
    DatabaseGone,
    Discovered,
    Draining,
    Event,
    Notified,
    Problem,
    Reloaded,
    ReloadRefused,
    Requested,
    RunEnded,
    StageStarted,
    TickEnded,
    TickPlanned,
    TicksSpread,
    TickStarted,
    Waiting,
)
from harvester.domain.levels import Level
from harvester.domain.snapshots import Reason
from harvester.report.charts import clean
from tests.fakes import FakeClock
from tests.store.making import NOW

LINK = "bit.ly/abc"
PATH = f"/bitlinks/{LINK}/clicks"
CLICKS = "/bitlinks/{bitlink}/clicks"
DETAILS: list[Event] = [
    AccountStarted("shop"),
    TickPlanned("shop", NOW),
    TickStarted("shop", NOW, NOW, "open", missed=True),
    Discovered("shop", "Bg1", 3, done=False),
    Discovered("shop", "Bg1", 3, done=True),
    StageStarted("shop", "clicks", 1),
    Requested("shop", "ab-7", CLICKS, PATH, 1, 503, 0.25),
    Requested("shop", "ab-7", CLICKS, PATH, 2, 200, 0.5, 1, 1000),
    Asked("shop", "clicks", ok=True, subject=LINK),
    Waiting("shop", CLICKS, 12.0, "the limit is reached"),
    Notified("it is down", ok=True),
]
FACTS: list[Event] = [
    DaemonStarted(NOW, ("shop",)),
    RunEnded("shop", "complete", "", 4.46, 30, 2, 20, 200, 0, 100, 5000),
    RunEnded("shop", "incomplete", "", 4.5, 30, 2, 20, 200, 12),
    Reloaded(("press",), (), ("shop",), ("database.url",)),
    DatabaseBack(NOW, 30),
    Waiting("shop", CLICKS, 1800.0, "the limit is reached"),
    Draining(("shop",)),
    DaemonStopped(NOW),
]
TROUBLE: list[Event] = [
    RunEnded("shop", "incomplete", "3 unanswered", 4.5, 30, 2, 20, 200, 3),
    TickEnded("shop", NOW, "open", "held", "by another", 1.0, ok=False),
    TicksSpread("shop", NOW + timedelta(days=1), "12 left"),
    Problem("shop", Reason.NOT_IN_PLAN, "group Bg1: cities not in plan"),
    Notified("it is down", ok=False, why="HTTP 500"),
]
BAD: list[Event] = [
    TickEnded("shop", NOW, "open", "failed", "disk full", 1.0, ok=False),
    DatabaseGone(NOW, "no route"),
    ReloadRefused("no token"),
]


def logs(level: Level = Level.INFO, *, as_json: bool = True) -> tuple[Logs, StringIO]:
    stream = StringIO()
    return Logs(stream, FakeClock(NOW), level=level, as_json=as_json, clean=clean), stream


def entries(stream: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("level", "lines"),
    [
        (Level.DEBUG, len(DETAILS) - 1 + len(FACTS + TROUBLE + BAD)),
        (Level.INFO, len(FACTS + TROUBLE + BAD)),
        (Level.WARNING, len(TROUBLE + BAD)),
        (Level.ERROR, len(BAD)),
    ],
)
def test_each_level_holds_what_it_is_for(level: Level, lines: int) -> None:
    log, stream = logs(level)
    for event in DETAILS + FACTS + TROUBLE + BAD:
        log.notify(event)
    found = entries(stream)
    assert len(found) == lines
    assert {entry["timestamp"] for entry in found} == {"2026-11-21T12:00:00Z"}


def test_a_run_is_one_line_with_its_figures() -> None:
    log, stream = logs()
    log.notify(FACTS[1])
    assert entries(stream) == [
        {
            "timestamp": "2026-11-21T12:00:00Z",
            "level": "info",
            "account": "shop",
            "outcome": "complete",
            "seconds": 4.5,
            "requests": 30,
            "rows": 200,
            "missing": 0,
            "month_left": 4900,
            "event": "run ended",
        }
    ]


def test_one_bitlink_can_be_followed_through() -> None:
    log, stream = logs(Level.DEBUG)
    for event in DETAILS:
        log.notify(event)
    about = [entry for entry in entries(stream) if LINK in json.dumps(entry)]
    assert [entry["event"] for entry in about] == ["requested", "requested", "asked"]
    assert {entry.get("request") for entry in about[:2]} == {"ab-7"}
    assert [entry.get("status") for entry in about] == [503, 200, None]


def test_the_level_changes_while_it_runs() -> None:
    log, stream = logs()
    for _ in range(2):
        log.notify(DETAILS[6])
        log.toggle()
    log.notify(DETAILS[6])
    assert [entry["event"] for entry in entries(stream)] == [
        "log level changed",
        "requested",
        "log level changed",
    ]


def test_people_get_lines_and_no_control_characters() -> None:
    log, stream = logs(as_json=False)
    log.notify(Problem("shop", Reason.QUOTA, "evil \x1b[2J\ntitle"))
    [line] = stream.getvalue().splitlines()
    assert "\x1b" not in line
    assert "evil" in line
    assert "quota" in line


def test_warnings_of_libraries_come_in_the_same_form(monkeypatch: pytest.MonkeyPatch) -> None:
    # import-linter disables all loggers that there are when another test runs it
    monkeypatch.setattr(logging.getLogger("asyncio"), "disabled", False)
    log, stream = logs()
    with log.of_libraries():
        logging.getLogger("aiohttp").warning("odd %s", "thing")
        logging.getLogger("aiohttp").info("nothing new")
        error = (ZeroDivisionError, ZeroDivisionError(), None)
        logging.getLogger("asyncio").error("never retrieved", exc_info=error)
    logging.getLogger("aiohttp").error("after the end")
    assert [(entry["level"], entry["logger"]) for entry in entries(stream)] == [
        ("warning", "aiohttp"),
        ("error", "asyncio"),
    ]
    assert entries(stream)[1]["error"] == "ZeroDivisionError()"
