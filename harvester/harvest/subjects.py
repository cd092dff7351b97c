"""What there is to ask about beside links: groups, organizations, custom back-halves.

QR codes come from their own roster.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.facets import by_kind
from harvester.domain.subjects import Kind
from harvester.harvest.plan import Scope
from harvester.store.targets import organization_homes, save_custom_targets, save_targets

QR_CODES: Final = "qr_codes"
"""The roster that metrics of QR codes need."""


async def make_subjects(
    engine: AsyncEngine,
    account_id: int,
    scopes: Sequence[Scope],
    facets: Sequence[str],
    now: datetime,
) -> None:
    """Let there be subjects of the kinds that `facets` are of, as far as they follow from `scopes`.

    An organization is asked for with the first of its groups that are harvested.
    """
    kinds = by_kind(facets)
    scopes = [scope for scope in scopes if not scope.watched]
    if Kind.GROUP in kinds:
        groups = {scope.guid: scope.group_id for scope in scopes}
        await save_targets(engine, account_id, Kind.GROUP, groups, now)
    if Kind.ORGANIZATION in kinds:
        homes = await organization_homes(engine, [scope.group_id for scope in scopes])
        await save_targets(engine, account_id, Kind.ORGANIZATION, homes, now)
    if Kind.CUSTOM_BITLINK in kinds:
        for scope in scopes:
            await save_custom_targets(engine, scope.group_id)


def rosters_of(rosters: Sequence[str], facets: Sequence[str]) -> tuple[str, ...]:
    """Return the rosters to list: those that are wanted, and that of QR codes if it is needed."""
    needed = [QR_CODES] if Kind.QR_CODE in by_kind(facets) else []
    return tuple(dict.fromkeys([*rosters, *needed]))
