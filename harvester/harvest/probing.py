"""Probing: the questions that settle what Bitly's documentation leaves open, put once an account.

What is concluded from the answers is in probe.py, what is stored of it in profile.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import FacetRefused, Forbidden, SubjectGone
from harvester.bitly.models import PlanLimit
from harvester.bitly.purse import PLATFORM_LIMITS
from harvester.clock import Clock
from harvester.domain.events import Notify, Waiting, ignore
from harvester.domain.windows import Unit, holding
from harvester.harvest.evidence import Finding
from harvester.harvest.gathering import Gathering
from harvester.harvest.prelude import Prelude
from harvester.harvest.probe import findings
from harvester.harvest.probe_limits import (
    Reading,
    counts_itself,
    limits_count,
    month_row,
    until_calm,
)
from harvester.harvest.probe_sizes import gates
from harvester.harvest.questions import Questions

REQUESTS: Final = 20
"""What a probe sends where nothing is refused and the first group has clicks."""
AT_MOST_MORE: Final = 12
"""What it may send beyond that: smaller sizes, another group or link, once more after an error."""

A_MINUTE_LATER: Final = timedelta(seconds=61)


@dataclass(frozen=True, slots=True)
class Probed:
    """What a probe came to: its findings, what the plan refuses, and the requests it took."""

    findings: tuple[Finding, ...]
    refused: tuple[str, ...]
    group_guid: str
    requests: int


@dataclass(frozen=True, slots=True)
class Probe:
    """Probes one account. `said` is its prelude; of `groups` (guids) the first has the best links.

    `notify` is told of the waits.
    """

    account: str
    said: Prelude
    groups: Sequence[str]
    client: BitlyClient
    clock: Clock
    notify: Notify = ignore

    async def probe(self) -> Probed:
        """Put all questions; more than a minute passes. Raises AccountStopped, or BitlyError."""
        began = self.client.sent.total()
        await self._wait(until_calm(self.clock.now()), "for the hour that is about to begin")
        before = await self._read()
        sent = self.client.sent.copy()
        questions = Questions(self.client, self.clock)
        gathering = Gathering(questions, holding(self.clock.now(), Unit.DAY))
        guid, seen = await gathering.gather(self.groups)
        asked = self.client.sent - sent
        after = await self._read()
        organization = self._organization(guid)
        plan = await self._plan_limits(organization)
        spent = self.client.sent.total() - began
        await self._wait(A_MINUTE_LATER, "to see what Bitly's counts forget in a minute")
        later = await self._read()
        counted = [
            limits_count(before, after, later, asked),
            counts_itself(later),
            *month_row(self.said.plan_limits.get(organization, ()), plan, spent),
        ]
        requests = self.client.sent.total() - began
        return Probed((*findings(seen), *counted), tuple(gates(seen)), guid, requests)

    async def _read(self) -> Reading:
        return Reading(self.clock.now(), await self.client.platform_limits())

    async def _plan_limits(self, organization: str) -> list[PlanLimit]:
        try:
            return await self.client.plan_limits(organization)
        except (Forbidden, FacetRefused, SubjectGone):
            return []

    async def _wait(self, duration: timedelta, why: str) -> None:
        if duration > timedelta():
            self.notify(Waiting(self.account, PLATFORM_LIMITS, duration.total_seconds(), why))
            await self.clock.sleep(duration)

    def _organization(self, guid: str) -> str:
        return next(group.organization_guid for group in self.said.groups if group.guid == guid)
