"""Progress of a run: a bar on a terminal, a plain line now and then without one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Self, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from harvester.clock import Clock
from harvester.domain.events import (
    AccountStarted,
    Asked,
    Discovered,
    Event,
    Notify,
    Problem,
    StageStarted,
    Waiting,
    ignore,
)
from harvester.report.charts import clean, printable

# Without a terminal a line is written this often, so that a log shows life and stays short.
EVERY = timedelta(seconds=10)
LINE = 300


@contextmanager
def progress(stream: TextIO, clock: Clock, *, quiet: bool) -> Iterator[Notify]:
    """Give a watcher that shows events on `stream` as fits it; `quiet` shows problems only."""
    if quiet:
        yield ignore
    elif stream.isatty():
        console = Console(file=stream, highlight=False)
        with Bar(console) as bar:
            yield bar.notify
    else:
        yield Lines(stream, clock).notify


class Rate(ProgressColumn):
    """Requests per second of the running stage."""

    def render(self, task: Task) -> Text:
        """Show the rate, or nothing before there is one."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="dim")


class Bar:
    """A live bar per stage, problems as lines above it."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            Rate(),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[note]}", style="yellow", markup=False),
            console=console,
        )
        self._task = self._progress.add_task("starting", total=None, note="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def notify(self, event: Event) -> None:
        """Show `event`."""
        match event:
            case AccountStarted(account):
                self._next(f"{account}: asking who this is", None)
            case Discovered(account, group, bitlinks, done=False):
                self._progress.update(
                    self._task, description=clean(f"{account}: {bitlinks:,} bitlinks of {group}")
                )
            case StageStarted(account, stage, requests):
                self._next(clean(f"{account}: {stage}"), requests)
            case Asked():
                self._progress.update(self._task, advance=1, note="")
            case Waiting(_, endpoint, seconds, why):
                note = clean(f"{endpoint} waits {seconds:.0f} s: {why}")
                self._progress.update(self._task, note=note)
            case Problem(account, _, message):
                line = Text(f"{account}: {printable(message, most=LINE)}", style="yellow")
                self._progress.console.print(line)
            case _:
                pass

    def _next(self, description: str, total: int | None) -> None:
        task = self._progress.tasks[0]
        if task.total is None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(description, total=total, note="")


class Lines:
    """Plain lines, at most one in `EVERY`; stages and problems at once."""

    def __init__(self, stream: TextIO, clock: Clock) -> None:
        self._stream, self._clock = stream, clock
        self._stage, self._total, self._done = "", 0, 0
        self._began = self._said = clock.now()

    def notify(self, event: Event) -> None:
        """Write a line, if `event` is worth one now."""
        match event:
            case AccountStarted(account):
                self._say(f"{account}: started")
            case Discovered(account, group, bitlinks, done=True):
                self._say(f"{account}: {bitlinks:,} bitlinks of group {group}")
            case StageStarted(account, stage, requests):
                self._stage, self._total, self._done = f"{account}: {stage}", requests, 0
                self._began = self._clock.now()
                self._say(f"{self._stage}: {requests:,} requests to send")
            case Asked():
                self._advance()
            case Waiting(account, endpoint, seconds, why):
                self._say(f"{account}: {endpoint} waits {seconds:.0f} s: {why}")
            case Problem(account, _, message):
                self._say(f"{account}: {printable(message, most=LINE)}")
            case _:
                pass

    def _advance(self) -> None:
        self._done += 1
        now = self._clock.now()
        if now - self._said >= EVERY or self._done == self._total:
            rate = self._done / max((now - self._began).total_seconds(), 1e-3)
            left = (self._total - self._done) / rate
            self._say(
                f"{self._stage}: {self._done:,} of {self._total:,}, {rate:,.1f}/s, "
                f"{left:,.0f} s left"
            )

    def _say(self, line: str) -> None:
        self._said = self._clock.now()
        self._stream.write(f"{_stamp(self._said)} {clean(line)}\n")
        self._stream.flush()


def _stamp(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"
