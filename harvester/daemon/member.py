"""An account as the daemon sees it: when it ticks, and what a tick of it does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date

from harvester.daemon.errands import Paces
from harvester.daemon.schedule import Rhythm
from harvester.domain.events import Notify
from harvester.harvest.summary import Summary

Work = Callable[[date | None, asyncio.Event, Notify], Awaitable[Summary]]
"""Harvests the account from a first day on (None: from where the store stands), until stopped."""


@dataclass(frozen=True, slots=True)
class Member:
    """An account with its schedule. Two with the same `settings` are told apart by nothing else.

    `at_start`: it ticks as soon as the daemon begins. `renewed` tells whether its token stands
    otherwise by now than it was read.
    """

    name: str
    rhythm: Rhythm
    paces: Paces
    at_start: bool
    settings: object
    work: Work
    renewed: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Members:
    """The accounts as settings name them; `restart` are settings that take effect at a restart."""

    each: tuple[Member, ...]
    restart: tuple[str, ...] = ()
