"""Notes for later runs: which links are gone, which facets a group is refused."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.clock import Clock
from harvester.domain.snapshots import Reason
from harvester.domain.subjects import Target
from harvester.store import gates, rosters

# What is refused is asked for again after this long; what the plan lacks, after a week.
REFUSED_FOR = timedelta(days=1)
_LASTING = {Reason.NOT_IN_PLAN: timedelta(days=7)}


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
        await rosters.mark_gone(self.engine, target.id, self.clock.now())

    async def refused(
        self,
        group: str,
        facet: str,
        reason: Reason,
        detail: str,
        *,
        lasting: timedelta | None = None,
    ) -> Collection[str]:
        """Note that a facet is not to be had, and for how long we take that.

        Returns the groups that this holds for: all that share the plan, if it is the plan's.
        """
        now, groups = self.clock.now(), {group: self.groups[group]}
        if reason is Reason.NOT_IN_PLAN:
            groups |= await gates.plan_groups(self.engine, self.groups[group])
        retry_at = now + (lasting or _LASTING.get(reason, REFUSED_FOR))
        for group_id in groups.values():
            await gates.save_refusal(
                self.engine, group_id, facet, reason, detail, at=now, retry_at=retry_at
            )
        return groups.keys()
