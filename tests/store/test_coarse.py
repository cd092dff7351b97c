"""A stored week or month is seen in place of its days, until the days are all known."""

from datetime import date, timedelta

import pytest

from harvester.domain.snapshots import Reading, Reason, Row, Snapshot
from harvester.domain.windows import Unit, Window, day_window, days_of, holding
from harvester.store import coverage
from harvester.store.coarse import covers, supersede_coarse
from tests.store.making import NOW, Shop, clicks, countries, lost

WEEK = holding(day_window(date(2026, 11, 11)).start, Unit.WEEK)
DAYS = days_of(WEEK)
SEEN = "SELECT day, unit, clicks FROM clicks_by_country WHERE bitlink = 'bit.ly/a' ORDER BY 1, 2"
AT = NOW + timedelta(days=1)


def of_week(target: int, total: int, window: Window = WEEK) -> Snapshot:
    return Snapshot(target, "countries", Reading(window, total, (Row(("DE",), total),)), NOW)


async def seen(shop: Shop) -> list[tuple[str, str, int]]:
    return [(str(day), unit, int(count)) for day, unit, count in await shop.rows(SEEN)]


async def clicked(shop: Shop, *numbers: int) -> None:
    """Store three clicks on these days of the week, none on the others, for bit.ly/a."""
    a = shop.ids["bit.ly/a"]
    counts = [clicks(a, 3 * (n in numbers), window=day) for n, day in enumerate(DAYS)]
    await shop.record(*counts)


@pytest.mark.parametrize("fine_first", [True, False])
async def test_no_click_is_seen_twice_while_a_week_is_stored(shop: Shop, fine_first: bool) -> None:
    a, b = shop.ids.values()
    await clicked(shop, 1, 2)
    fine = countries(a, [("DE", 3)], window=DAYS[1])
    for item in (fine, of_week(a, 6)) if fine_first else (of_week(a, 6), fine):
        await shop.record(item)
    outside = countries(a, [("DE", 9)], window=day_window(WEEK.end.date()))
    await shop.record(outside, countries(b, [("DE", 7)], window=DAYS[1]))
    assert await seen(shop) == [(str(WEEK.day), "week", 6), (str(WEEK.end.date()), "day", 9)]
    assert await shop.rows("SELECT sum(clicks) FROM clicks_by_country") == [(6 + 9 + 7,)]
    assert await supersede_coarse(shop.engine, shop.group_id, AT) == 0


async def test_days_take_the_place_of_their_week_once_all_with_clicks_are_known(
    shop: Shop,
) -> None:
    a = shop.ids["bit.ly/a"]
    await clicked(shop, 1, 2)
    await shop.record(of_week(a, 6))
    for number in (1, 2):
        assert await supersede_coarse(shop.engine, shop.group_id, AT) == 0
        await shop.record(countries(a, [("DE", 3)], window=DAYS[number]))
    assert await supersede_coarse(shop.engine, shop.group_id + 1, AT) == 0
    assert await supersede_coarse(shop.engine, shop.group_id, AT) == 1
    assert await seen(shop) == [(str(DAYS[n].day), "day", 3) for n in (1, 2)]
    assert await covers(shop.engine, [a]) == {}
    history = (
        "SELECT count(*) FROM snapshot_history WHERE unit = 'week' AND superseded_at IS NOT NULL"
    )
    assert await shop.rows(history) == [(1,)]


async def test_days_that_have_fewer_clicks_than_their_week_do_not_take_its_place(
    shop: Shop,
) -> None:
    a = shop.ids["bit.ly/a"]
    await clicked(shop, 1)  # what other days have is not known
    await shop.record(of_week(a, 6), countries(a, [("DE", 3)], window=DAYS[1]))
    assert await supersede_coarse(shop.engine, shop.group_id, AT) == 0


async def test_a_week_is_told_of_its_target_and_facet_only(shop: Shop) -> None:
    a, b = shop.ids.values()
    await shop.record(of_week(a, 6), countries(b, [], window=DAYS[0]))
    assert await covers(shop.engine, [a, b]) == {(a, "countries"): [WEEK]}
    await shop.record(of_week(a, 7))  # a revision of the same
    assert await covers(shop.engine, [a, b]) == {(a, "countries"): [WEEK]}
    assert [row[2] for row in await seen(shop)] == [7]


async def test_a_day_of_a_stored_week_is_not_missing_and_settles_with_its_clicks(
    shop: Shop,
) -> None:
    a, b = shop.ids.values()
    await clicked(shop, 1)
    await shop.record(clicks(b, 0, window=DAYS[1]))

    async def status() -> list[tuple[object, ...]]:
        await coverage.close_windows(
            shop.engine,
            shop.group_id,
            ["countries"],
            [DAYS[1]],
            at=AT,
            settle=timedelta(0),
            reason=Reason.QUOTA,
        )
        return await shop.rows("SELECT status, missing FROM harvest_coverage")

    await shop.record(lost(a, "countries", Reason.UNANSWERED, window=DAYS[1]))
    assert await status() == [("complete", 1)]
    await shop.record(of_week(a, 3))
    assert await status() == [("settled", 0)]
    assert await shop.rows("SELECT * FROM harvest_missing") == []
