"""What cannot be true together is visible, and what may be is not called so."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from harvester.domain.proofs import Proof
from harvester.domain.snapshots import Snapshot
from harvester.domain.windows import Unit, holding
from harvester.store.coverage import close_windows
from harvester.store.engine import writing
from harvester.store.proofs import StoredTrust, save_proofs, save_trust
from harvester.store.standing import standing
from harvester.store.upgrade import migrate, revert
from tests.store.making import HOUR, NOW, YESTERDAY, Shop, clicks, countries

CALM = datetime(2026, 11, 21, 6, tzinfo=UTC)  # six hours after the end of yesterday
EARLY = CALM - HOUR
WEEK = holding(NOW - 168 * HOUR, Unit.WEEK)


async def contradictions(shop: Shop) -> list[tuple[Any, ...]]:
    """What the view lists; what `harvest status` counts is as much."""
    names = "bitlink, facet, clicks, facet_clicks, detail"
    listed = await shop.rows(f"SELECT {names} FROM harvest_contradictions ORDER BY bitlink")
    windows, facets = [YESTERDAY, WEEK], ["clicks", "countries"]
    await close_windows(
        shop.engine, shop.group_id, facets, windows, at=NOW, settle=HOUR, reason=None
    )
    told = (await standing(shop.engine, NOW)).contradictions
    breakdowns = sum(row[0] is not None for row in listed)
    assert [(each.breakdowns, each.answers) for each in told] == (
        [(breakdowns, len(listed) - breakdowns)] if listed else []
    )
    return listed


async def test_an_upgrade_counts_what_is_there_already(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    await shop.record(clicks(a, 5), countries(a, [("DE", 4)]))
    assert len(await contradictions(shop)) == 1
    async with writing(shop.engine) as connection:
        await connection.run_sync(revert, "0006")
        await connection.run_sync(migrate)
    assert len((await standing(shop.engine, NOW)).contradictions) == 1


async def test_breakdowns_of_more_or_fewer_clicks_than_their_link_are_listed(shop: Shop) -> None:
    a, b = shop.ids.values()
    await shop.record(clicks(a, 5, at=CALM), countries(a, [("DE", 3), ("US", 1)], at=CALM))
    await shop.record(clicks(b, 5), countries(b, [("DE", 6)]))
    assert await contradictions(shop) == [
        ("bit.ly/a", "countries", 5, 4, "its rows have 4 clicks, the link 5"),
        ("bit.ly/b", "countries", 5, 6, "its rows have 6 clicks, the link 5"),
    ]


async def test_a_contradiction_has_its_place_and_its_time(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    await shop.record(clicks(a, 5), countries(a, [], at=NOW + HOUR))
    names = "account, group_guid, day, unit, seen_at"
    [found] = await shop.rows(f"SELECT {names} FROM harvest_contradictions")
    texts = ("2026-11-20", "day", "2026-11-21T13:00:00Z")
    values = (date(2026, 11, 20), "day", NOW + HOUR)
    assert found == ("shop", "Bg1", *(texts if shop.engine.dialect.name == "sqlite" else values))


Told = Callable[[int], list[Snapshot]]
TOGETHER: dict[str, Told] = {
    "the same": lambda a: [clicks(a, 5), countries(a, [("DE", 3), (None, 2)])],
    "none": lambda a: [clicks(a, 0), countries(a, [])],
    "cut": lambda a: [clicks(a, 5), countries(a, [("DE", 3)], cut=True)],
    "rows of before the calm": lambda a: [clicks(a, 5), countries(a, [("DE", 4)], at=EARLY)],
    "clicks of before the calm": lambda a: [clicks(a, 4, at=EARLY), countries(a, [("DE", 5)])],
    "clicks alone": lambda a: [clicks(a, 5)],
    "rows alone": lambda a: [countries(a, [("DE", 4)])],
    "a week": lambda a: [clicks(a, 5, window=WEEK), countries(a, [("DE", 4)], window=WEEK)],
}


@pytest.mark.parametrize("what", TOGETHER)
async def test_what_may_be_true_together_is_not_listed(shop: Shop, what: str) -> None:
    await shop.record(*TOGETHER[what](shop.ids["bit.ly/a"]))
    assert await contradictions(shop) == []


MENDED: list[Told] = [
    lambda a: [countries(a, [("DE", 5)], at=NOW + HOUR)],
    lambda a: [clicks(a, 4, at=NOW + HOUR)],
]


@pytest.mark.parametrize("mended", MENDED, ids=["rows", "clicks"])
async def test_what_was_mended_is_not_listed_any_more(shop: Shop, mended: Told) -> None:
    a = shop.ids["bit.ly/a"]
    await shop.record(clicks(a, 5), countries(a, [("DE", 4)]))
    assert len(await contradictions(shop)) == 1
    await shop.record(*mended(a))
    assert await contradictions(shop) == []


@pytest.mark.parametrize(
    ("proved_at", "shown"),
    [(EARLY, False), (CALM, False), (NOW, True)],
    ids=["before the calm", "before the link joined", "of all links, in the calm"],
)
async def test_clicks_are_as_fresh_as_the_proof_that_they_did_not_move(
    shop: Shop, proved_at: datetime, *, shown: bool
) -> None:
    a = shop.ids["bit.ly/a"]
    await shop.record(clicks(a, 5, at=EARLY), countries(a, [("DE", 4)]))
    await save_proofs(shop.engine, shop.group_id, {YESTERDAY: Proof(proved_at, 5, customs=True)})
    assert bool(await contradictions(shop)) is shown


async def test_a_group_whose_answers_do_not_fit_is_listed_with_how_often(shop: Shop) -> None:
    for times, detail in (
        (0, None),
        (1, "its links have 5 clicks, itself 4"),
        (2, "its links have 5 clicks, itself 4 (the last of 2)"),
    ):
        trust = StoredTrust(
            totals=not times, contradictions=times, detail="its links have 5 clicks, itself 4"
        )
        await save_trust(shop.engine, shop.group_id, trust, NOW)
        assert await contradictions(shop) == ([(*[None] * 4, detail)] if detail else [])
