"""The log: one line for each run and problem; at debug level one for each request, too.

An entry is data until it is written: a line for people on a terminal, JSON otherwise. At debug
level a bitlink can be followed through: its requests are told by path, with the request's name,
which attempts share, and what became of it by its own name.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, Final, TextIO

import structlog

from harvester.clock import Clock
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

LONG: Final = 60.0  # seconds of a wait that a person should know of


_ORDER: Final = tuple(Level)
_OF_NUMBER: Final = ((logging.ERROR, Level.ERROR), (logging.WARNING, Level.WARNING))


class Logs:
    """Writes entries of `level` and above to a stream; `level` may change at any time.

    `clean` makes a text fit for a terminal: what came from the API must not act on one.
    """

    def __init__(
        self,
        stream: TextIO,
        clock: Clock,
        *,
        level: Level = Level.INFO,
        as_json: bool,
        clean: Callable[[str], str],
    ) -> None:
        """Write JSON lines if `as_json`, else lines for people, in colours on a terminal."""
        self.level = self._usual = level
        self._clock = clock

        def cleaned(_logger: object, _method: str, entry: MutableMapping[str, Any]) -> Any:
            first = {name: entry[name] for name in ("timestamp", "level", "event")}
            return {
                name: clean(value) if isinstance(value, str) else value
                for name, value in {**first, **entry}.items()
            }

        last: Any = (
            structlog.processors.JSONRenderer()
            if as_json
            else structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=0)
        )
        self._logger = structlog.wrap_logger(
            structlog.WriteLogger(stream),
            processors=[cleaned, last],
            wrapper_class=structlog.BoundLogger,
            context_class=dict,
        )

    def toggle(self) -> None:
        """Write everything from now on, or as much as before if everything is written."""
        self.level = self._usual if self.level is Level.DEBUG else Level.DEBUG
        self.write(self.level, "log level changed", to=str(self.level))

    def writes(self, level: Level) -> bool:
        """Return whether entries of `level` are written at present."""
        return _ORDER.index(level) >= _ORDER.index(self.level)

    def write(self, level: Level, said: str, **facts: object) -> None:
        """Write an entry, if its level is high enough."""
        if self.writes(level):
            stamp = f"{self._clock.now():%Y-%m-%dT%H:%M:%SZ}"
            self._logger.info(said, timestamp=stamp, level=str(level), **facts)

    def notify(self, event: Event) -> None:
        """Write what is to be said of `event`."""
        if isinstance(event, Requested | Asked) and self.level is not Level.DEBUG:
            return  # the many
        for level, said, facts in _entries(event):
            self.write(level, said, **facts)

    @contextmanager
    def of_libraries(self) -> Iterator[None]:
        """Write what libraries log as warnings and errors, in the same form, during the block."""
        root, handler = logging.getLogger(), _Handler(self)
        root.addHandler(handler)
        try:
            yield
        finally:
            root.removeHandler(handler)


class _Handler(logging.Handler):
    """Passes a library's warnings and errors on."""

    def __init__(self, logs: Logs) -> None:
        super().__init__(logging.WARNING)
        self._logs = logs

    def emit(self, record: logging.LogRecord) -> None:
        """Write one entry."""
        level = next(
            (level for number, level in _OF_NUMBER if record.levelno >= number), Level.INFO
        )
        facts = {"error": repr(record.exc_info[1])} if record.exc_info else {}
        self._logs.write(level, record.getMessage(), logger=record.name, **facts)


_Entry = tuple[Level, str, Mapping[str, object]]


def _entries(event: Event) -> Iterator[_Entry]:
    """Yield what is written of `event`: nothing, or one entry."""
    yield from _of_daemon(event)
    yield from _of_run(event)
    yield from _of_requests(event)


def _of_daemon(event: Event) -> Iterator[_Entry]:  # noqa: C901 - one case for each event
    match event:
        case DaemonStarted(_, accounts):
            yield Level.INFO, "daemon started", {"accounts": len(accounts)}
        case Draining(running):
            yield Level.INFO, "stopping", {"running": ", ".join(running)}
        case DaemonStopped():
            yield Level.INFO, "daemon stopped", {}
        case Reloaded(added, removed, changed, restart):
            names = (("added", added), ("removed", removed), ("changed", changed))
            facts: dict[str, object] = {name: ", ".join(which) for name, which in names if which}
            if restart:
                facts["at restart"] = ", ".join(restart)
            yield Level.INFO, "settings and tokens read", facts
        case ReloadRefused(why):
            yield Level.ERROR, "new settings not taken, the old ones stay", {"why": why}
        case DatabaseGone(_, why):
            yield Level.ERROR, "the database fails", {"why": why}
        case DatabaseBack(_, seconds):
            yield Level.INFO, "the database works again", {"after": round(seconds, 1)}
        case Notified(text, ok, why):
            level = Level.DEBUG if ok else Level.WARNING
            yield level, "notified" if ok else "notification failed", {"text": text, "why": why}
        case _:
            pass


def _of_run(event: Event) -> Iterator[_Entry]:
    match event:
        case RunEnded(account):
            # what the plan does not hold makes every run incomplete: that is no news
            quiet = event.outcome == "complete" or (
                event.outcome == "incomplete" and not event.detail
            )
            level = Level.INFO if quiet else Level.WARNING
            yield level, "run ended", {"account": account, **_counts(event)}
        case TickEnded(account, _, errand, outcome) if outcome in {"held", "failed"}:
            level = Level.ERROR if outcome == "failed" else Level.WARNING
            facts = {"account": account, "errand": errand, "why": event.detail}
            yield level, f"run {outcome}", facts
        case TickStarted(account, _, due, errand, missed):
            facts = {"account": account, "errand": errand, "due": f"{due:%Y-%m-%dT%H:%M:%SZ}"}
            yield Level.DEBUG, "run begins", facts | ({"missed": True} if missed else {})
        case TickPlanned(account, at, why):
            facts = {"account": account, "at": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
            yield Level.DEBUG, "next run", facts | ({"why": why} if why else {})
        case TicksSpread(account, until, why):
            facts = {"account": account, "until": f"{until:%Y-%m-%dT%H:%M:%SZ}", "why": why}
            yield Level.WARNING, "requests are short: runs are spread", facts
        case Problem(account, reason, message):
            yield Level.WARNING, message, {"account": account, "reason": reason.value}
        case _:
            pass


def _counts(event: RunEnded) -> dict[str, object]:
    facts: dict[str, object] = {
        "outcome": event.outcome,
        "seconds": round(event.seconds, 1),
        "requests": event.requests,
        "rows": event.rows,
        "missing": event.missing,
    }
    if event.quota_limit is not None and event.quota_used is not None:
        facts["month_left"] = max(event.quota_limit - event.quota_used, 0)
    return facts | ({"why": event.detail} if event.detail else {})


def _of_requests(event: Event) -> Iterator[_Entry]:
    match event:
        case Requested(account):
            facts: dict[str, object] = {
                "account": account,
                "request": event.request,
                "path": event.path,
                "attempt": event.attempt,
                "status": event.status,
                "seconds": round(event.seconds, 3),
            }
            yield Level.DEBUG, "requested", facts
        case Asked(account, facet, ok, subject):
            facts = {"account": account, "facet": facet, "bitlink": subject, "ok": ok}
            yield Level.DEBUG, "asked", facts
        case Waiting(account, endpoint, seconds, why):
            facts = {"account": account, "seconds": round(seconds), "why": why}
            yield (
                (Level.INFO if seconds >= LONG else Level.DEBUG),
                "waiting",
                facts | {"endpoint": endpoint},
            )
        case StageStarted(account, stage, requests):
            facts = {"account": account, "stage": stage, "requests": requests}
            yield Level.DEBUG, "stage begins", facts
        case Discovered(account, group, bitlinks, done=True):
            facts = {"account": account, "group": group, "bitlinks": bitlinks}
            yield Level.DEBUG, "bitlinks listed", facts
        case AccountStarted(account):
            yield Level.DEBUG, "account begins", {"account": account}
        case _:
            pass
