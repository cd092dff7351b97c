"""The log as settings ask for it, and what reaches it beside events."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from harvester.clock import Clock
from harvester.config import Settings
from harvester.daemon.logs import Logs
from harvester.domain.levels import Form
from harvester.report.charts import clean


def logs_for(settings: Settings, clock: Clock, stream: TextIO | None = None) -> Logs:
    """Return the log as settings ask for it, on stderr if not on `stream`."""
    stream = stream or sys.stderr
    wanted = settings.log.format
    as_json = wanted is Form.JSON or (wanted is Form.AUTO and not stream.isatty())
    return Logs(stream, clock, level=settings.log.level, as_json=as_json, clean=clean)


@contextmanager
def listening(logs: Logs) -> Iterator[None]:
    """Let SIGUSR1 switch the log's debug level, and libraries write to it, during the block."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, logs.toggle)
    try:
        with logs.of_libraries():
            yield
    finally:
        loop.remove_signal_handler(signal.SIGUSR1)
