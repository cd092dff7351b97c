"""What is known of an account's API, from the facts that are stored of it to what goes by them.

Without a probe nothing is known, and the careful assumption holds. A fact that is not understood
counts as unknown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.manners import LONGEST, PAGE, Manners, Reference
from harvester.harvest.evidence import Finding
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
        counts_hours=said.get("limits_count") != "minute",
    )
    return Profile(manners, said.get("month_row"))


async def save_findings(
    engine: AsyncEngine, account_id: int, found: Iterable[Finding], at: datetime
) -> None:
    """Keep what a probe found out; what it could not tell leaves what was known before."""
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
