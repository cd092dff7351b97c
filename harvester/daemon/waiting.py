"""Waiting for whatever comes first."""

import asyncio
from collections.abc import Coroutine


async def any_of(*waits: Coroutine[object, object, object]) -> None:
    """Return as soon as one of `waits` has ended; the others are dropped."""
    tasks = [asyncio.create_task(each) for each in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in tasks:
            each.cancel()
