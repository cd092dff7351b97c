"""Signals: the first one asks to stop, the second one or some patience later insists."""

import asyncio
import os
import signal
from datetime import timedelta

import pytest

from harvester.cli.wiring import run_until_stopped
from harvester.domain.errors import Exit

AGES = timedelta(hours=1)
NUMBERS = [signal.SIGINT, signal.SIGTERM]


@pytest.mark.parametrize("number", NUMBERS)
def test_the_first_signal_lets_the_work_end_by_itself(number: signal.Signals) -> None:
    async def main(stop: asyncio.Event) -> Exit:
        os.kill(os.getpid(), number)
        await stop.wait()
        return Exit.COMPLETE

    assert run_until_stopped(main, grace=AGES) is Exit.COMPLETE


@pytest.mark.parametrize("number", NUMBERS)
def test_the_second_signal_drops_the_work(number: signal.Signals) -> None:
    async def main(stop: asyncio.Event) -> Exit:
        os.kill(os.getpid(), number)
        await stop.wait()
        os.kill(os.getpid(), number)
        await asyncio.Event().wait()
        return Exit.COMPLETE

    assert run_until_stopped(main, grace=AGES) is Exit.INTERRUPTED


def test_work_that_does_not_end_is_dropped_after_some_patience() -> None:
    async def main(stop: asyncio.Event) -> Exit:
        del stop
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()
        return Exit.COMPLETE

    assert run_until_stopped(main, grace=timedelta(milliseconds=1)) is Exit.INTERRUPTED
