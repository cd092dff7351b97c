"""A run goes on from one that did not come to its end, if that is not too old."""

from datetime import timedelta

import pytest

from harvester.store.runs import Run, finish_run, start_run
from tests.store.making import DAY, HOUR, NOW, YESTERDAY, Shop

ENDED = {"requests": 9, "retries": 1, "snapshots": 8, "rows": 7, "missing": 0}


async def started(shop: Shop, later: timedelta = timedelta(), account: int | None = None) -> Run:
    return await start_run(
        shop.engine,
        shop.account_id if account is None else account,
        NOW + later,
        since=YESTERDAY.day,
        until=YESTERDAY.day,
        strategy="economical",
    )


async def finished(shop: Shop, run: Run, outcome: str) -> None:
    await finish_run(shop.engine, run.id, NOW + HOUR, outcome, **ENDED, detail="all's well")


async def test_a_first_run_takes_nothing_for_fresh(shop: Shop) -> None:
    assert (await started(shop, timedelta(microseconds=7))).fresh_since == NOW


@pytest.mark.parametrize(("outcome", "resumed"), [("complete", False), ("interrupted", True)])
async def test_only_an_interrupted_run_is_taken_up(shop: Shop, outcome: str, resumed: bool) -> None:
    await finished(shop, await started(shop), outcome)
    second = await started(shop, 2 * HOUR)
    assert second.fresh_since == (NOW if resumed else NOW + 2 * HOUR)


async def test_a_killed_run_is_taken_up_through_several_kills(shop: Shop) -> None:
    await started(shop)
    await started(shop, 10 * HOUR)
    assert (await started(shop, DAY - timedelta(seconds=1))).fresh_since == NOW


async def test_what_is_a_day_old_is_not_fresh(shop: Shop) -> None:
    await started(shop)
    assert (await started(shop, DAY)).fresh_since == NOW + DAY


async def test_only_the_last_run_of_the_same_account_counts(shop: Shop) -> None:
    await started(shop)
    await finished(shop, await started(shop, HOUR), "complete")
    assert (await started(shop, 2 * HOUR)).fresh_since == NOW + 2 * HOUR


async def test_a_run_is_shown_with_its_counts(shop: Shop) -> None:
    await finished(shop, await started(shop), "complete")
    query = (
        "SELECT account, strategy, outcome, requests, retries, snapshots, rows, missing, detail"
        " FROM harvest_runs"
    )
    expected = ("shop", "economical", "complete", 9, 1, 8, 7, 0, "all's well")
    assert await shop.rows(query) == [expected]
