"""Exports of a group's window: asked batch by batch, taken if they add up."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field

from harvester.bitly.exports import BATCH
from harvester.domain.subjects import Target
from harvester.domain.windows import Window
from harvester.harvest.dealing import Dealing
from harvester.harvest.plan import Scope
from harvester.store import targets


@dataclass(slots=True)
class Told:
    """What exports told of a window: names without clicks are left out, back-halves are not.

    `ids` are the store's keys; `whole` is False if not all was told, or of another span.
    """

    clicks: dict[str, int] = field(default_factory=dict)
    scans: dict[str, int] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of which names to ask: links and back-halves, but not those in `known`."""

    links: bool
    customs: bool
    known: Collection[str]

    def holds(self, target: Target) -> bool:
        """Whether to ask of `target`: what has left its group is no part of its clicks."""
        of_kind = self.customs if target.custom else self.links
        return of_kind and target.left_at is None and target.subject.name not in self.known


async def exported(dealing: Dealing, scope: Scope, window: Window, wanted: Wanted) -> Told:
    """Ask for the clicks of all that is `wanted` of a window. Raises BitlyError.

    Stops where an answer is not whole. Memory holds a page of names, and those with clicks.
    """
    told = Told()
    async for batch in _batches(dealing, scope, wanted):
        names = {target.subject.name: target for target in batch}
        if dealing.interrupted.is_set():
            told.whole = False
            break
        answer = await dealing.client.link_engagements(scope.guid, list(names), window)
        for name, target in names.items():
            clicks, scans = answer.clicks.get(name, 0), answer.scans.get(name, 0)
            if clicks or scans or target.custom:
                told.clicks[name], told.scans[name] = clicks, scans
                told.ids[name] = target.id
        if not answer.whole:
            told.whole = False
            break
    return told


async def _batches(dealing: Dealing, scope: Scope, wanted: Wanted) -> AsyncIterator[list[Target]]:
    batch: list[Target] = []
    async for page in targets.target_pages(dealing.engine, scope.group_id):
        for target in filter(wanted.holds, page):
            batch.append(target)
            if len(batch) == BATCH:
                yield batch
                batch = []
    if batch:
        yield batch
