"""What is known of an account's API, from the facts that are stored of it to what goes by them.

Without a probe nothing is known, and the careful assumption holds. A fact that is not understood
counts as unknown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.manners import LONGEST, PAGE, Manners, Reference
from harvester.clock import Clock
from harvester.domain.snapshots import Reason
from harvester.harvest.evidence import Finding
from harvester.harvest.history import Sight
from harvester.harvest.notes import Notes
from harvester.harvest.probing import Probed
from harvester.harvest.reach import saw
from harvester.store import proofs
from harvester.store.profiles import Fact, profile, save

PROBE: Final = "probe"
LARGEST: Final = 1000  # of any size that is believed


@dataclass(frozen=True, slots=True)
class Profile:
    """How to ask an account's API, and the name of the row that counts the month's requests."""

    manners: Manners = Manners()  # noqa: RUF009 - it is frozen
    month_row: str | None = None


async def known_profile(engine: AsyncEngine, account_id: int) -> Profile:
    """Return what is known of an account's API. Raises StoreError."""
    return profile_of(await profile(engine, account_id))


def profile_of(facts: Mapping[str, Fact]) -> Profile:
    """Return what stored `facts` come to."""
    said = {name: fact.value for name, fact in facts.items()}
    rows = _size(said.get("facet_rows"), 1, LARGEST)
    manners = Manners(
        page=_size(said.get("page_size"), PAGE, PAGE),
        longest=_size(said.get("sorted_size"), LONGEST, LONGEST),
        rows=rows if rows < LARGEST else None,
        reference=Reference.START if said.get("window_rule") == "nearest" else Reference.END,
        settled="window_rule" in said,
        counts_hours=said.get("limits_count") != "minute",
    )
    return Profile(manners, said.get("month_row"))


async def keep_seen(engine: AsyncEngine, account_id: int, manners: Manners, at: datetime) -> None:
    """Keep which day a reference was seen to name, unless it is known. Raises StoreError."""
    if not manners.settled or "window_rule" in await profile(engine, account_id):
        return
    nearest = manners.reference is Reference.START
    detail = "late in a day is taken for the next day" if nearest else "a day's end names that day"
    fact = Fact("nearest" if nearest else "bucket", "seen", detail, at.replace(microsecond=0))
    await save(engine, account_id, {"window_rule": fact})


async def save_probed(
    engine: AsyncEngine,
    account_id: int,
    groups: Mapping[str, int],
    probed: Probed,
    clock: Clock,
) -> None:
    """Keep what a probe found out of an account with these `groups` (guid -> key).

    What it could not tell leaves what was known before. A plan is one for all groups; whether a
    total holds the clicks of back-halves is kept of the group that was asked. Raises StoreError.
    """
    at = clock.now().replace(microsecond=0)
    await _save_findings(engine, account_id, probed.findings, at)
    notes, told = Notes(engine, clock, groups), {each.name: each for each in probed.findings}
    for guid, group_id in groups.items():
        for name in probed.refused:
            await notes.refused(guid, name, Reason.NOT_IN_PLAN, told["refused"].detail)
        if (days := told["history_days"].value) is not None and days.isdecimal():
            # its first day may be cut in the middle, so it is not taken for shown
            await saw(
                engine,
                account_id,
                (guid, group_id),
                Sight(max(int(days) - 1, 1), more=False, at=at),
            )
    customs, group_id = told["customs_in_total"].value, groups[probed.group_guid]
    trust = await proofs.trust(engine, group_id)
    if customs is not None and trust.customs is None:
        await proofs.save_trust(engine, group_id, replace(trust, customs=customs == "yes"), at)


async def _save_findings(
    engine: AsyncEngine, account_id: int, found: Iterable[Finding], at: datetime
) -> None:
    facts = {
        each.name: Fact(each.value, PROBE, each.detail, at)
        for each in found
        if each.value is not None
    }
    await save(engine, account_id, facts)


def _size(text: str | None, least: int, otherwise: int) -> int:
    if text is None or not text.isdecimal():
        return otherwise
    return min(max(int(text), least), LARGEST)
