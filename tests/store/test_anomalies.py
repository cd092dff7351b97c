"""What is worth a look: changes against a link's own past, and no drama where there is little."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.snapshots import Reason, Snapshot
from harvester.domain.windows import Window, day_window
from harvester.store.coverage import open_windows
from harvester.store.engine import writing
from tests.store.making import NOW, Shop, clicks, countries, lost, made_shop

LAST = date(2026, 11, 19)
DAYS = [LAST - timedelta(days=back) for back in reversed(range(63))]
FOUND = "SELECT bitlink, kind, clicks, usual, weeks FROM anomalies WHERE bitlink IS NOT NULL"
Series = Sequence[int | None]  # clicks of each of DAYS; None is a day that is missing
Facts = tuple[str, int, int, int]


def weeks(*totals: int) -> list[int | None]:
    """Return the days of weeks with these totals, oldest first; all clicks are on one day."""
    return [day for total in totals for day in (total, 0, 0, 0, 0, 0, 0)]


def by_hand(series: Series) -> Facts | None:
    """Return what the view should say of `series`, counted in another way."""
    sums = [
        sum(day for day in week if day is not None)
        for week in (series[at : at + 7] for at in range(0, 63, 7))
        if None not in week
    ]
    if None in series[-7:] or len(sums) < 5:
        return None
    *past, now = sums
    ranked = sorted(past)
    usual = ranked[(len(past) - 1) // 2]
    away = sorted(abs(week - usual) for week in past)[len(past) // 2]
    change = now - usual
    if abs(change) < 20 or change**2 <= 16 * max(usual, 2 * away**2):
        return None
    if now >= 2 * usual:
        return "jump", now, usual, len(past)
    return ("fall", now, usual, len(past)) if 4 * now <= usual else None


async def harvested(
    engine: AsyncEngine, links: Mapping[str, Series], *, open_day: date | None = None
) -> Shop:
    """Store the series of links; all days are complete but `open_day`."""
    shop = await made_shop(engine, list(links))
    windows = [day_window(day) for day in DAYS]
    await open_windows(engine, shop.group_id, ["clicks", "countries"], windows)
    await shop.record(
        *(
            lost(shop.ids[name], "clicks", Reason.UNANSWERED, window=window)
            if count is None
            else clicks(shop.ids[name], count, window=window)
            for name, series in links.items()
            for window, count in zip(windows, series, strict=True)
            if count != 0
        )
    )
    async with writing(engine) as connection:
        await connection.execute(text("UPDATE bitlinks SET created_at = 0"))
        await connection.execute(
            text("UPDATE group_windows SET status = 'complete', closed_at = :at"),
            {"at": int(NOW.timestamp())},
        )
        if open_day:
            start = int(day_window(open_day).start.timestamp())
            await connection.execute(
                text(
                    "UPDATE group_windows SET status = 'open' WHERE window_id ="
                    f" (SELECT id FROM windows WHERE unit = 'day' AND starts_at = {start})"
                )
            )
    return shop


async def told(shop: Shop) -> dict[str, Facts]:
    return {str(name): (kind, a, b, c) for name, kind, a, b, c in await shop.rows(FOUND)}


async def test_a_jump_and_a_fall_are_told_with_what_is_usual(engine: AsyncEngine) -> None:
    steady = [40, 44, 38, 41, 39, 43, 40, 42]
    shop = await harvested(
        engine,
        {
            "up": weeks(*steady, 200),
            "down": weeks(*steady, 3),
            "as ever": weeks(*steady, 47),
            "from nothing": weeks(*[0] * 8, 25),
        },
    )
    assert await told(shop) == {
        "up": ("jump", 200, 40, 8),
        "down": ("fall", 3, 40, 8),
        "from nothing": ("jump", 25, 0, 8),
    }
    [(day,)] = await shop.rows("SELECT DISTINCT day FROM anomalies")
    assert str(day) == str(LAST)


async def test_steady_and_sparse_links_make_no_drama(engine: AsyncEngine) -> None:
    dice = random.Random(7)
    constant = {f"constant {rate}": [rate] * 63 for rate in (1, 2, 5, 20, 1_000, 2**40)}
    sparse = {f"sparse {n}": [int(dice.random() < 0.15) for _ in DAYS] for n in range(60)}
    weekly = {"workdays": [0 if day.weekday() > 4 else 30 for day in DAYS]}
    assert await told(await harvested(engine, constant | sparse | weekly)) == {}


async def test_missing_days_are_neither_zeros_nor_a_fall(engine: AsyncEngine) -> None:
    gone: list[int | None] = [9] * 56 + [None] * 7
    one: list[int | None] = [9] * 56 + [0] * 6 + [None]
    old: list[int | None] = [None] * 35 + [9] * 21 + [0] * 7
    few: list[int | None] = [None] * 28 + [9] * 28 + [0] * 7
    shop = await harvested(engine, {"gone": gone, "one": one, "old": old, "few": few})
    assert await told(shop) == {"few": ("fall", 0, 63, 4)}


async def test_a_week_that_was_not_harvested_whole_is_not_judged(engine: AsyncEngine) -> None:
    silent = {"silent": weeks(*[60] * 8, 0)}
    shop = await harvested(engine, silent, open_day=LAST - timedelta(days=2))
    assert await told(shop) == {}


async def test_a_day_that_is_open_moves_the_last_week_back(engine: AsyncEngine) -> None:
    shop = await harvested(engine, {"up": [5] * 61 + [90, 0]}, open_day=LAST)
    assert await told(shop) == {"up": ("jump", 120, 35, 7)}


async def test_a_young_link_has_no_past_to_be_held_against(engine: AsyncEngine) -> None:
    shop = await harvested(engine, {"new": weeks(*[0] * 8, 500)})
    start = int(day_window(DAYS[-20]).start.timestamp())
    async with writing(engine) as connection:
        await connection.execute(text(f"UPDATE bitlinks SET created_at = {start}"))
    assert await told(shop) == {}


async def test_the_view_says_what_is_counted_by_hand(engine: AsyncEngine) -> None:
    dice = random.Random(11)
    links: dict[str, Series] = {}
    for number in range(120):
        rate = dice.choice([0, 1, 3, 10, 40])
        factor = dice.choice([0, 0, 1, 2, 5])
        days: list[int | None] = [dice.randint(0, 2 * rate) for _ in DAYS]
        days[-7:] = [factor * dice.randint(0, 2 * rate) for _ in range(7)]
        for _ in range(dice.choice([0, 0, 0, 2, 5])):
            days[dice.randrange(63)] = None
        links[f"link {number}"] = days
    expected = {name: found for name, days in links.items() if (found := by_hand(days))}
    assert {"jump", "fall"} == {kind for kind, *_ in expected.values()}
    assert await told(await harvested(engine, links)) == expected


async def test_a_country_is_new_if_weeks_before_are_known_without_it(engine: AsyncEngine) -> None:
    shop = await harvested(engine, {"a": [0] * 63})
    target, now, before = shop.ids["a"], day_window(LAST), day_window(DAYS[20])

    def seen(window: Window, **rows: int) -> Snapshot:
        return countries(target, [*rows.items(), ("", 99), (None, 99)], window=window)

    await shop.record(seen(now, DE=10, FR=9, US=500), seen(before, US=1))
    news = "SELECT kind, bitlink, label, clicks, usual, weeks FROM anomalies"
    assert await shop.rows(news) == [("new country", None, "DE", 10, 0, 8)]
    async with writing(engine) as connection:
        await connection.execute(text("DELETE FROM group_windows WHERE window_id % 2 = 0"))
    assert await shop.rows(news) == []
