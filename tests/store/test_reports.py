"""What reports read: roll-ups equal what they add up, and say what is not known."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.attribution import Attribution
from harvester.domain.rosters import BitlinkDetails
from harvester.domain.snapshots import Reading, Reason, Row, Snapshot
from harvester.domain.windows import Window, day_window
from harvester.store import rosters
from harvester.store.clicked import rebuild
from harvester.store.coverage import close_windows, open_windows
from harvester.store.engine import in_transaction, writing
from harvester.store.following import follow
from harvester.store.upgrade import migrate, revert
from tests.store.making import DAY, HOUR, NOW, YESTERDAY, Shop, clicks, countries, lost, made_shop
from tests.test_schema import CONTRACT, fits

SETTLE = timedelta(days=3)


def back(days: int) -> Window:
    return day_window(YESTERDAY.day - timedelta(days=days))


def hours(target: int, *counts: tuple[int, int], window: Window = YESTERDAY) -> Snapshot:
    rows = tuple(Row((f"{hour:02}",), count) for hour, count in counts)
    return Snapshot(target, "clicks_by_hour", Reading(window, sum(c for _, c in counts), rows), NOW)


async def closed(shop: Shop, *windows: Window) -> None:
    """What a run leaves behind that has asked for these windows."""
    await open_windows(shop.engine, shop.group_id, ["clicks"], windows)
    await close_windows(
        shop.engine, shop.group_id, ["clicks"], windows, at=NOW, settle=SETTLE, reason=None
    )


async def days(shop: Shop, sql: str) -> list[tuple[object, ...]]:
    """Rows with days as texts, and truth as truth, on both engines."""
    return [
        tuple(str(value) if isinstance(value, date) else value for value in row)
        for row in await shop.rows(sql)
    ]


steps = st.lists(
    st.tuples(st.sampled_from(["bit.ly/a", "bit.ly/b"]), st.integers(0, 2), st.integers(0, 3)),
    max_size=8,
)
KEPT = "SELECT window_id, subject_id, clicks FROM clicked ORDER BY 1, 2"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(batches=st.lists(steps, max_size=4))
async def test_the_roll_up_is_what_the_snapshots_add_up_to(
    shop: Shop, batches: list[list[tuple[str, int, int]]]
) -> None:
    for number, batch in enumerate(batches):
        at = NOW + number * HOUR
        distinct = {(name, day): total for name, day, total in batch}
        await shop.record(
            *(
                clicks(shop.ids[name], total, at=at, window=back(day))
                for (name, day), total in distinct.items()
            )
        )
    kept = await shop.rows(KEPT)
    await in_transaction(shop.engine, rebuild)
    assert await shop.rows(KEPT) == kept
    await in_transaction(shop.engine, lambda c: c.execute(text("DELETE FROM snapshots")))
    await in_transaction(shop.engine, rebuild)


async def test_an_upgrade_makes_the_roll_up_and_reads_the_parameters(shop: Shop) -> None:
    long_url = "https://shop.example/?utm_source=mail&utm_campaign=spring%20sale"
    links = [BitlinkDetails("bit.ly/c", "https://bit.ly/c", long_url, None)]
    await rosters.save_bitlinks(shop.engine, shop.account_id, shop.group_id, links, NOW)
    await shop.record(clicks(shop.ids["bit.ly/a"], 1), clicks(shop.ids["bit.ly/b"], 0))
    utm = "SELECT utm_source, utm_campaign, utm_term FROM bitlink_details WHERE bitlink='bit.ly/c'"
    before = await shop.rows(KEPT), await shop.rows(utm)
    assert before[1] == [("mail", "spring sale", None)]
    async with writing(shop.engine) as connection:
        await connection.run_sync(revert, "0005")
        await connection.run_sync(migrate)
    assert (await shop.rows(KEPT), await shop.rows(utm)) == before


async def test_totals_are_of_all_that_is_known_and_of_the_last_days(shop: Shop) -> None:
    a, b = shop.ids.values()
    windows = [YESTERDAY, back(6), back(7), back(40)]
    await shop.record(
        *(clicks(a, 10**place, window=window) for place, window in enumerate(windows)),
        clicks(b, 0, window=YESTERDAY),
        lost(b, "clicks", Reason.UNANSWERED, window=back(6)),
    )
    await closed(shop, YESTERDAY, back(6))
    query = """SELECT bitlink, clicks, clicks_7d, clicks_30d, clicked_days, missing_days,
        first_clicked_day, last_clicked_day, as_of FROM bitlink_totals ORDER BY bitlink"""
    assert await days(shop, query) == [
        ("bit.ly/a", 1111, 11, 111, 4, 0, "2026-10-11", "2026-11-20", "2026-11-20"),
        ("bit.ly/b", 0, 0, 0, 0, 1, None, None, "2026-11-20"),
    ]
    query = """SELECT bitlinks, clicks, clicks_7d, clicks_30d, days_known, days_missing,
        days_provisional, as_of FROM group_totals"""
    assert await days(shop, query) == [(2, 1111, 11, 111, 1, 1, 2, "2026-11-20")]


async def test_weeks_and_months_say_how_many_of_their_days_are_known(shop: Shop) -> None:
    a, b = shop.ids.values()
    await shop.record(
        *(clicks(each, 1, window=back(day)) for each in (a, b) for day in (0, 1, 5, 20)),
        lost(b, "clicks", Reason.UNANSWERED, window=back(2)),
        clicks(a, 0, window=back(2)),
    )
    await closed(shop, *(back(day) for day in (0, 1, 2, 5, 20)))
    columns = "clicks, days, days_known, days_missing, days_provisional"
    weeks = await days(shop, f"SELECT week, bitlink, {columns} FROM clicks_by_week ORDER BY 1, 2")
    assert weeks == [
        ("2026-10-26", "bit.ly/a", 1, 7, 1, 6, 0),
        ("2026-10-26", "bit.ly/b", 1, 7, 1, 6, 0),
        ("2026-11-09", "bit.ly/a", 1, 7, 1, 6, 0),
        ("2026-11-09", "bit.ly/b", 1, 7, 1, 6, 0),
        ("2026-11-16", "bit.ly/a", 2, 7, 3, 4, 3),
        ("2026-11-16", "bit.ly/b", 2, 7, 2, 5, 3),
    ]
    months = await days(shop, f"SELECT month, {columns} FROM group_totals_by_month ORDER BY 1")
    assert months == [("2026-10-01", 2, 31, 1, 30, 0), ("2026-11-01", 6, 30, 3, 27, 3)]
    weeks = await days(shop, f"SELECT week, {columns} FROM group_totals_by_week ORDER BY 1")
    assert weeks[-1] == ("2026-11-16", 4, 7, 2, 5, 3)
    found = await days(
        shop, "SELECT day, clicks, is_known, is_provisional FROM group_totals_by_day ORDER BY 1"
    )
    assert [(row[1], bool(row[2]), bool(row[3])) for row in found] == [
        (2, True, False),
        (2, True, False),
        (0, False, True),
        (2, True, True),
        (2, True, True),
    ]


async def test_a_restated_day_shows_what_was_said_and_what_is(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    early = YESTERDAY.end + HOUR
    for total, at in ((5, early), (7, NOW), (7, NOW + HOUR), (6, NOW + DAY)):
        await shop.record(clicks(a, total, at=at))
    await shop.record(countries(a, [("DE", 1), ("FR", 1)]), clicks(shop.ids["bit.ly/b"], 1))
    await shop.record(countries(a, [("DE", 2)], at=NOW + HOUR))
    query = "SELECT old_clicks, new_clicks, was_final FROM restated_days ORDER BY seen_at"
    assert [tuple(map(int, row)) for row in await shop.rows(query)] == [(5, 7, 0), (7, 6, 1)]


async def test_what_was_known_can_be_asked_of_any_instant(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    for total, at in ((5, NOW), (7, NOW + DAY), (6, NOW + 2 * DAY)):
        await shop.record(clicks(a, total, at=at))
    for instant, known in (
        ("2026-11-20T00:00:00Z", []),
        ("2026-11-21T12:00:00Z", [(5,)]),
        ("2026-11-22T13:00:00Z", [(7,)]),
        ("2026-12-31T00:00:00Z", [(6,)]),
    ):
        query = f"""SELECT clicks FROM facts_known WHERE known_from <= '{instant}'
            AND (known_until > '{instant}' OR known_until IS NULL)"""
        assert await shop.rows(query.replace(":", r"\:")) == known


async def test_tags_and_campaigns_add_up_the_links_that_have_them(engine: AsyncEngine) -> None:
    shop = await made_shop(engine, [])
    links = [
        BitlinkDetails(name, f"https://{name}", "https://shop.example/", None, tags=tags)
        for name, tags in (("bit.ly/a", ("x", "y")), ("bit.ly/b", ("x",)), ("bit.ly/c", ()))
    ]
    await rosters.save_bitlinks(engine, shop.account_id, shop.group_id, links, NOW)
    ids = await rosters.target_ids(engine, shop.account_id, ["bit.ly/a", "bit.ly/b", "bit.ly/c"])
    await shop.record(*(clicks(key, 10**place) for place, key in enumerate(sorted(ids.values()))))
    assert await shop.rows("SELECT tag, bitlinks, clicks FROM tag_totals ORDER BY 1") == [
        ("x", 2, 11),
        ("y", 1, 1),
    ]
    assert await shop.rows("SELECT tag, clicks FROM tag_totals_by_day ORDER BY 1") == [
        ("x", 11),
        ("y", 1),
    ]
    await in_transaction(
        engine, lambda c: c.execute(text("""UPDATE bitlinks SET campaign_ids = '["Ca1"]'"""))
    )
    query = "SELECT campaign, bitlinks, clicks FROM campaign_totals"
    assert await shop.rows(query) == [("Ca1", 3, 111)]
    assert await shop.rows("SELECT campaign, clicks FROM campaign_totals_by_day") == [("Ca1", 111)]


LOCAL = "SELECT day, zone, clicks, is_exact FROM clicks_by_local_day ORDER BY day"


async def local(shop: Shop) -> list[tuple[object, ...]]:
    return [(*row[:3], bool(row[3])) for row in await days(shop, LOCAL)]


async def test_local_days_are_those_of_utc_as_long_as_no_zone_is_set(shop: Shop) -> None:
    await shop.record(clicks(shop.ids["bit.ly/a"], 3))
    assert await local(shop) == [("2026-11-20", "UTC", 3, True)]


async def test_hours_go_to_the_local_day_that_they_are_in(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    await follow(shop.engine, "Europe/Berlin", ())
    await shop.record(clicks(a, 7), hours(a, (0, 1), (22, 2), (23, 4)))
    assert await local(shop) == [
        ("2026-11-20", "Europe/Berlin", 3, True),
        ("2026-11-21", "Europe/Berlin", 4, True),
    ]
    await follow(shop.engine, "America/New_York", ())
    assert await local(shop) == [
        ("2026-11-19", "America/New_York", 1, True),
        ("2026-11-20", "America/New_York", 6, True),
    ]


async def test_the_hour_that_clocks_repeat_is_in_its_day_twice(shop: Shop) -> None:
    a, autumn = shop.ids["bit.ly/a"], day_window(date(2026, 10, 25))
    await follow(shop.engine, "Europe/Berlin", ())
    counts = [(hour, 1) for hour in range(24)]
    before = day_window(date(2026, 10, 24))
    for window in (before, autumn):
        await shop.record(clicks(a, 24, window=window), hours(a, *counts, window=window))
    assert await local(shop) == [
        ("2026-10-24", "Europe/Berlin", 22, True),
        ("2026-10-25", "Europe/Berlin", 25, True),
        ("2026-10-26", "Europe/Berlin", 1, True),
    ]


async def test_a_day_without_hours_makes_the_days_that_it_touches_inexact(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    await follow(shop.engine, "Europe/Berlin", ())
    await shop.record(
        *(clicks(a, 5, window=back(day)) for day in range(4)),
        *(hours(a, (0, 5), window=back(day)) for day in (0, 1, 3)),
    )
    assert await local(shop) == [
        ("2026-11-17", "Europe/Berlin", 5, True),
        ("2026-11-18", "Europe/Berlin", 5, False),
        ("2026-11-19", "Europe/Berlin", 5, False),
        ("2026-11-20", "Europe/Berlin", 5, True),
    ]


async def test_hours_that_do_not_add_up_are_not_called_exact(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    await shop.record(clicks(a, 5), hours(a, (0, 4)))
    assert await local(shop) == [("2026-11-20", "UTC", 4, False)]


async def test_ranges_split_the_clicks_of_a_link(shop: Shop) -> None:
    a, b = shop.ids.values()
    await shop.record(
        *(clicks(each, 10**day, window=back(day)) for each in (a, b) for day in range(4))
    )
    fair = Attribution("bit.ly/a", "fair", back(2).day, back(1).day)
    later = Attribution("bit.ly/a", "later", YESTERDAY.day, date(2027, 1, 1))
    for ranges, clicks_of in (
        ((fair, later), [("fair", 110), ("later", 1), ("outside", 1000)]),
        ((later,), [("later", 1), ("outside", 1110)]),
        ((), []),
    ):
        await follow(shop.engine, "UTC", ranges)
        query = "SELECT attribution, sum(clicks) FROM clicks_by_attribution GROUP BY 1 ORDER BY 1"
        assert await shop.rows(query) == clicks_of
        totals = await shop.rows("SELECT name, clicks FROM attribution_totals ORDER BY 1")
        assert totals == [row for row in clicks_of if row[0] != "outside"]


async def test_settings_in_step_are_not_written_again(shop: Shop) -> None:
    ranges = [Attribution("bit.ly/a", "fair", YESTERDAY.day, YESTERDAY.day)]
    await follow(shop.engine, "Europe/Berlin", ranges)
    async with writing(shop.engine) as busy:  # nobody else can write meanwhile, on SQLite
        await busy.execute(text("SELECT 1"))
        await follow(shop.engine, "Europe/Berlin", ranges)


async def test_values_are_of_the_types_described(shop: Shop) -> None:
    if shop.engine.dialect.name == "postgresql":
        return  # its views have types
    a = shop.ids["bit.ly/a"]
    await follow(shop.engine, "UTC", [Attribution("bit.ly/a", "x", YESTERDAY.day, YESTERDAY.day)])
    await shop.record(clicks(a, 5), countries(a, [("DE", 4)]), hours(a, (0, 4)))
    await shop.record(clicks(a, 6, at=NOW + HOUR), lost(a, "cities", Reason.UNREADABLE))
    await closed(shop, YESTERDAY)
    for view in CONTRACT.values():
        for row in await shop.rows(f"SELECT * FROM {view.name}"):
            for column, value in zip(view.columns, row, strict=True):
                assert fits(column.kind, value), (view.name, column.name, value)
