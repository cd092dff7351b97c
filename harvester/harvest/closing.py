"""The close of a run: what is complete and settled of each group, and what is missing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.clock import Clock
from harvester.domain.facets import kind_of
from harvester.domain.snapshots import Reason
from harvester.domain.subjects import Kind
from harvester.domain.windows import Unit, Window
from harvester.harvest.plan import Scope
from harvester.harvest.reach import edge
from harvester.store import coverage


@dataclass(frozen=True, slots=True)
class Unasked:
    """Why a run left something unasked, where it knows, and when it can be asked."""

    reason: Reason | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """Counts what one account's run has come to; what is seen `settle` after its end is settled."""

    account_id: int
    settle: timedelta
    engine: AsyncEngine
    clock: Clock

    async def close(
        self,
        scopes: Sequence[Scope],
        facets: Sequence[str],
        unfinished: Collection[str],
        unasked: Unasked,
    ) -> int:
        """Mark what is complete; return how many (subject, facet, window) are missing.

        Of the groups in `unfinished` not all bitlinks could be listed.
        """
        missing = 0
        for scope in scopes:
            first = await edge(self.engine, self.account_id, scope.guid, self.clock.now())
            for windows, its in scope.goal.together(facets).items():
                for of_links in (True, False):
                    missing += await coverage.close_windows(
                        self.engine,
                        scope.group_id,
                        [each for each in its if (kind_of(each) is Kind.BITLINK) is of_links],
                        windows,
                        at=self.clock.now(),
                        settle=self.settle,
                        reason=unasked.reason,
                        retry_at=unasked.until,
                        listed=not of_links or scope.guid not in unfinished,
                        edge=None if _is_present(windows) else first,
                    )
        return missing


def _is_present(windows: Sequence[Window]) -> bool:
    """Whether this is a month of which the present part is told: no history is asked for."""
    return any(window.unit is Unit.MONTH for window in windows)
