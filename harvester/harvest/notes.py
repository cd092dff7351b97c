"""Notes for later runs: which links are gone, which facets a group is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.clock import Clock
from harvester.domain.snapshots import Reason
from harvester.domain.subjects import Target
from harvester.store import known, rosters
from harvester.store.engine import writing

# A facet that the plan does not hold is asked for again after this long: plans change.
REFUSED_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Notes:
    """What holds beyond one request goes straight into the store: it is rare.

    `gone_in` are the guids of groups of which a link was found to be gone.
    """

    engine: AsyncEngine
    clock: Clock
    groups: Mapping[str, int]
    gone_in: set[str] = field(default_factory=set)

    async def gone(self, target: Target) -> None:
        """Note that a link does not exist any more."""
        self.gone_in.add(target.group_guid)
        async with writing(self.engine) as connection:
            await rosters.mark_gone(connection, target.id, self.clock.now())

    async def refused(
        self,
        group: str,
        facet: str,
        reason: Reason,
        detail: str,
        *,
        lasting: timedelta = REFUSED_FOR,
    ) -> None:
        """Note that a facet is not to be had for a group, and for how long we take that."""
        now = self.clock.now()
        await known.save_refusal(
            self.engine,
            self.groups[group],
            facet,
            reason,
            detail,
            at=now,
            retry_at=now + lasting,
        )
