"""The daemon itself: a task for each account, and the ears for what it is told."""

import asyncio
from collections.abc import Callable

from harvester.daemon.member import Member, Members
from harvester.daemon.ticking import Around, Ticking
from harvester.daemon.waiting import any_of
from harvester.domain.errors import ConfigError
from harvester.domain.events import (
    DaemonStarted,
    DaemonStopped,
    Draining,
    Reloaded,
    ReloadRefused,
)

Load = Callable[[], Members]
"""Reads settings and tokens. Raises ConfigError."""


class Service:
    """Looks after all accounts until told to stop.

    `load` is called whenever `reload` is set, as SIGHUP does.
    """

    def __init__(self, load: Load, around: Around) -> None:
        """Do nothing yet: that is `run`."""
        self._load, self._around = load, around
        self._notify, self._reload = around.notify, around.reload
        self._accounts: dict[str, Ticking] = {}

    async def run(self, members: Members, stop: asyncio.Event) -> None:
        """Let all accounts tick until `stop` is set; return once those under way have ended."""
        names = tuple(member.name for member in members.each)
        self._notify(DaemonStarted(self._around.clock.now(), names))
        async with asyncio.TaskGroup() as tasks:
            for member in members.each:
                self._add(member, tasks)
            while await self._told_to_reload(stop):
                self._renew(tasks)
            self._drain()
        self._notify(DaemonStopped(self._around.clock.now()))

    async def _told_to_reload(self, stop: asyncio.Event) -> bool:
        """Wait until told something; return whether it is to reload."""
        await any_of(stop.wait(), self._reload.wait())
        self._reload.clear()
        return not stop.is_set()

    def _add(self, member: Member, tasks: asyncio.TaskGroup) -> None:
        account = self._accounts[member.name] = Ticking(member, self._around)
        tasks.create_task(account.run(), name=f"account {member.name}")

    def _renew(self, tasks: asyncio.TaskGroup) -> None:
        """Go by new settings; if they are wrong, by the old ones."""
        try:
            members = self._load()
        except ConfigError as error:
            self._notify(ReloadRefused(str(error)))
            return
        new = {member.name: member for member in members.each}
        added = [name for name in new if name not in self._accounts]
        removed = [name for name in self._accounts if name not in new]
        kept = [name for name in new if name in self._accounts]
        changed = [
            name for name in kept if self._accounts[name].member.settings != new[name].settings
        ]
        for name in removed:
            self._accounts.pop(name).leave()
        for name in kept:
            self._accounts[name].become(new[name])
        for name in added:
            self._add(new[name], tasks)
        self._notify(Reloaded(tuple(added), tuple(removed), tuple(changed), members.restart))

    def _drain(self) -> None:
        running = tuple(name for name, account in self._accounts.items() if account.runs)
        self._notify(Draining(running))
        for account in self._accounts.values():
            account.leave()
