"""Group-windows: every combination of what may be known of a link, against a count by hand."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from harvester.domain.snapshots import Missing, Reading, Reason, Row, Snapshot
from harvester.domain.windows import Unit, Window, holding
from harvester.store import coverage, gates, rosters
from harvester.store.engine import writing
from tests.store.making import (
    DAY,
    HOUR,
    NOW,
    YESTERDAY,
    Shop,
    clicks,
    countries,
    link,
    lost,
    targets,
)

SETTLE = 2 * DAY
EARLY, LATE = YESTERDAY.end + HOUR, YESTERDAY.end + SETTLE
AT = LATE + DAY
PUT_OFF = {Reason.QUOTA, Reason.INTERRUPTED, Reason.NOT_ASKED}
STATUS = (
    "SELECT facet, status, links, missing, reason FROM harvest_coverage_by_facet ORDER BY facet"
)


@dataclass(frozen=True, slots=True)
class Case:
    """What the store may hold of one link and one window; instants are those last seen."""

    zero_clicks_at: timedelta | None = None  # since the window's end
    snapshot_at: timedelta | None = None
    cut: bool = False
    gap: Reason | None = None
    unlisted: bool = False
    gone: bool = False


def is_gap(case: Case) -> bool:
    if case.zero_clicks_at is not None:
        return False
    if case.gap is not None or case.cut:
        return True
    return case.snapshot_at is None and not case.unlisted and not case.gone


def is_open(case: Case, reason: Reason) -> bool:
    if case.gone or case.zero_clicks_at is not None or case.snapshot_at is not None:
        return False
    if case.gap is not None:
        return case.gap in PUT_OFF
    return not case.unlisted and reason in PUT_OFF


def is_unsettled(case: Case, reason: Reason) -> bool:
    if case.gone or (case.gap is not None and case.gap.final):
        return False
    seen = [at for at in (case.zero_clicks_at, case.snapshot_at) if at is not None]
    if seen and max(seen) < SETTLE:
        return True
    if case.zero_clicks_at is not None:
        return False
    if case.gap is not None:
        return True
    return case.snapshot_at is None and not case.unlisted and not reason.final


def status(cases: list[Case], reason: Reason) -> str:
    if any(is_open(case, reason) for case in cases):
        return "open"
    return "complete" if any(is_unsettled(case, reason) for case in cases) else "settled"


ATS = [None, HOUR, SETTLE]
GAPS = [None, Reason.GONE, Reason.HISTORY, Reason.UNANSWERED, Reason.FORBIDDEN, Reason.QUOTA]
CASES = [
    Case(zero, snapshot, cut, gap, unlisted, gone)
    for zero, snapshot, cut, gap, unlisted, gone in product(
        ATS, ATS, (False, True), GAPS, (False, True), (False, True)
    )
    if not cut or snapshot is not None
]


async def arranged(shop: Shop, cases: list[Case]) -> None:
    """Give the group a link for each case and store what the case says."""
    async with writing(shop.engine) as connection:
        for table in ("metrics", "snapshots", "missing", "group_windows", "refusals", "bitlinks"):
            await connection.execute(text(f"DELETE FROM {table}"))
        await connection.execute(text("DELETE FROM subjects"))
    links = [link(f"bit.ly/{n}") for n in range(len(cases))]
    await rosters.save_bitlinks(shop.engine, shop.account_id, shop.group_id, links, NOW)
    ids = await targets(shop.engine, shop.group_id)
    snapshots, gaps = [], []
    for n, case in enumerate(cases):
        target = ids[f"bit.ly/{n}"]
        if case.zero_clicks_at is not None:
            snapshots.append(clicks(target, 0, at=YESTERDAY.end + case.zero_clicks_at))
        if case.snapshot_at is not None:
            at = YESTERDAY.end + case.snapshot_at
            snapshots.append(countries(target, [("DE", 1)], at=at, cut=case.cut))
        if case.gap is not None:
            gaps.append(lost(target, "countries", case.gap, at=AT))
    await shop.record(*snapshots)
    await shop.record(*gaps)
    async with writing(shop.engine) as connection:
        for n, case in enumerate(cases):
            for column, holds in (("unlisted_at", case.unlisted), ("gone_at", case.gone)):
                await connection.execute(
                    text(f"UPDATE bitlinks SET {column} = :at WHERE subject_id = :id"),
                    {"at": 1 if holds else None, "id": ids[f"bit.ly/{n}"]},
                )


async def closed(shop: Shop, reason: Reason | None, facet: str = "countries") -> int:
    return await coverage.close_windows(
        shop.engine, shop.group_id, [facet], [YESTERDAY], at=AT, settle=SETTLE, reason=reason
    )


async def assert_as_by_hand(shop: Shop, cases: list[Case], reason: Reason | None) -> None:
    await arranged(shop, cases)
    total = await closed(shop, reason)
    why = reason or Reason.NOT_ASKED
    missing = {f"bit.ly/{n}" for n, case in enumerate(cases) if is_gap(case)}
    links = sum(not case.unlisted and not case.gone for case in cases)
    found = await shop.rows("SELECT status, links, missing FROM harvest_coverage_by_facet")
    assert found == [(status(cases, why), links, len(missing))]
    assert total == len(missing)
    listed = await shop.rows("SELECT bitlink, reason FROM harvest_missing ORDER BY bitlink")
    assert {name for name, _ in listed} == missing
    assert len(listed) == len(missing)
    for name, shown in listed:
        case = cases[int(name.removeprefix("bit.ly/"))]
        assert shown == (case.gap or (Reason.CUT if case.cut else why))


@pytest.mark.parametrize("reason", [None, Reason.QUOTA, Reason.NOT_IN_PLAN])
async def test_each_case_among_all_others_is_listed_as_by_hand(
    shop: Shop, reason: Reason | None
) -> None:
    await assert_as_by_hand(shop, CASES, reason)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cases=st.lists(st.sampled_from(CASES), max_size=3),
    reason=st.sampled_from([None, Reason.QUOTA, Reason.NOT_IN_PLAN, Reason.FORBIDDEN]),
)
async def test_few_links_close_their_window_as_by_hand(
    shop: Shop, cases: list[Case], reason: Reason | None
) -> None:
    await assert_as_by_hand(shop, cases, reason)


async def test_opened_windows_are_open_and_all_is_not_asked(shop: Shop) -> None:
    facets = ["clicks", "countries"]
    await coverage.open_windows(shop.engine, shop.group_id, facets, [YESTERDAY])
    assert await shop.rows(STATUS) == [(facet, "open", 0, 0, None) for facet in facets]
    missing = await shop.rows("SELECT DISTINCT facet, reason FROM harvest_missing ORDER BY facet")
    assert missing == [(facet, "not asked") for facet in facets]


async def test_opening_again_leaves_what_was_closed(shop: Shop) -> None:
    await shop.record(*(clicks(target, 1, at=LATE) for target in shop.ids.values()))
    await closed(shop, None, "clicks")
    await coverage.open_windows(shop.engine, shop.group_id, ["clicks"], [YESTERDAY])
    assert await shop.rows(STATUS) == [("clicks", "settled", 2, 0, None)]


async def test_a_zero_of_clicks_is_no_proof_for_clicks_of_another_window(shop: Shop) -> None:
    before = Window(YESTERDAY.start - DAY, Unit.DAY)
    await shop.record(*(clicks(target, 0, at=LATE, window=before) for target in shop.ids.values()))
    assert await closed(shop, None) == 2
    assert await closed(shop, None, "clicks") == 2


async def test_a_superseded_zero_proves_nothing(shop: Shop) -> None:
    a, b = shop.ids.values()
    await shop.record(clicks(a, 0, at=EARLY), clicks(b, 0, at=EARLY))
    await shop.record(clicks(a, 3, at=LATE))
    assert await closed(shop, None) == 1


async def test_a_window_is_not_settled_before_its_time_even_without_links(shop: Shop) -> None:
    await arranged(shop, [])
    for at, expected in ((LATE - HOUR, "complete"), (LATE, "settled")):
        await coverage.close_windows(
            shop.engine, shop.group_id, ["clicks"], [YESTERDAY], at=at, settle=SETTLE, reason=None
        )
        assert await shop.rows(STATUS) == [("clicks", expected, 0, 0, None)]


async def test_a_group_that_was_not_listed_to_its_end_stays_open(shop: Shop) -> None:
    await shop.record(*(clicks(target, 1, at=LATE) for target in shop.ids.values()))
    await coverage.close_windows(
        shop.engine,
        shop.group_id,
        ["clicks"],
        [YESTERDAY],
        at=AT,
        settle=SETTLE,
        reason=None,
        listed=False,
    )
    assert await shop.rows(STATUS) == [("clicks", "open", 2, 0, "not asked")]


@pytest.mark.parametrize(
    ("retry_at", "expected"),
    [(AT + HOUR, ("settled", "not in plan")), (AT - HOUR, ("open", "quota"))],
)
async def test_a_refusal_explains_its_facet_while_it_holds(
    shop: Shop, retry_at: datetime, expected: tuple[str, str]
) -> None:
    await gates.save_refusal(
        shop.engine,
        shop.group_id,
        "countries",
        Reason.NOT_IN_PLAN,
        "upgrade",
        at=NOW,
        retry_at=retry_at,
    )
    assert await closed(shop, Reason.QUOTA) == 2
    assert await shop.rows(STATUS) == [("countries", expected[0], 2, 2, expected[1])]
    reasons = await shop.rows("SELECT DISTINCT reason FROM harvest_missing")
    assert reasons == [(expected[1],)]


async def test_what_left_the_history_is_missing_for_that_settled_and_keeps_what_is_known(
    shop: Shop,
) -> None:
    a, b = shop.ids.values()
    await shop.record(clicks(a, 4, at=EARLY), countries(a, [("DE", 4)], at=EARLY))
    await shop.record(
        lost(a, "cities", Reason.UNANSWERED, at=EARLY), lost(b, "cities", Reason.GONE, at=EARLY)
    )
    facets = ["cities", "clicks", "countries"]
    for edge, left in ((YESTERDAY.day, False), (YESTERDAY.end.date(), True)):
        await coverage.close_windows(
            shop.engine,
            shop.group_id,
            facets,
            [YESTERDAY],
            at=AT,
            settle=SETTLE,
            reason=Reason.QUOTA,
            edge=edge,
        )
        found = {status for _, status, *_ in await shop.rows(STATUS)}
        assert found == ({"settled"} if left else {"open", "complete"})
    assert await shop.rows(
        "SELECT bitlink, facet, reason FROM harvest_missing ORDER BY bitlink, facet"
    ) == [
        ("bit.ly/a", "cities", "history"),
        ("bit.ly/b", "cities", "gone"),
        ("bit.ly/b", "clicks", "history"),
        ("bit.ly/b", "countries", "history"),
    ]
    assert await shop.rows("SELECT clicks FROM clicks_by_day") == [(4,)]


async def test_the_worst_facet_counts_for_the_whole_window(shop: Shop) -> None:
    a, b = shop.ids.values()
    await shop.record(clicks(a, 4, at=LATE), clicks(b, 2, at=LATE), countries(a, [], at=LATE))
    facets = ["clicks", "countries"]
    await coverage.close_windows(
        shop.engine, shop.group_id, facets, [YESTERDAY], at=AT, settle=SETTLE, reason=None
    )
    query = "SELECT unit, status, clicks, missing, reason FROM harvest_coverage"
    assert await shop.rows(query) == [("day", "open", 6, 1, "not asked")]


async def test_a_group_goes_on_from_its_first_unsettled_day(shop: Shop) -> None:
    engine = shop.engine
    assert await coverage.first_unsettled(engine, shop.group_id, ["clicks"], YESTERDAY.day) is None
    days = [Window(YESTERDAY.start - n * DAY, Unit.DAY) for n in range(3)]
    await coverage.open_windows(engine, shop.group_id, ["clicks"], days)
    await arranged_settled(shop, days[2])
    assert (
        await coverage.first_unsettled(engine, shop.group_id, ["clicks"], YESTERDAY.day)
        == days[1].day
    )
    assert (
        await coverage.first_unsettled(engine, shop.group_id + 1, ["clicks"], YESTERDAY.day) is None
    )


async def test_a_group_that_is_settled_goes_on_after_its_last_day(shop: Shop) -> None:
    await arranged_settled(shop, YESTERDAY)
    assert (
        await coverage.first_unsettled(shop.engine, shop.group_id, ["clicks"], YESTERDAY.day)
        == YESTERDAY.end.date()
    )


async def arranged_settled(shop: Shop, window: Window) -> None:
    await shop.record(*(clicks(target, 1, at=LATE, window=window) for target in shop.ids.values()))
    await coverage.close_windows(
        shop.engine, shop.group_id, ["clicks"], [window], at=AT, settle=SETTLE, reason=None
    )


async def test_units_are_windows_of_their_own(shop: Shop) -> None:
    month = holding(NOW, Unit.MONTH)
    a = shop.ids["bit.ly/a"]
    rows = (Row(("DE",), 3),)
    await shop.record(Snapshot(a, "countries", Reading(month, 3, rows), month.end + SETTLE))
    query = "SELECT unit, country, clicks FROM clicks_by_country"
    assert await shop.rows(query) == [("month", "DE", 3)]
    missed = Missing(a, "clicks", month, Reason.UNANSWERED, "", AT)
    await shop.record(replace(missed, target_id=shop.ids["bit.ly/b"]))
    assert await shop.rows("SELECT bitlink, unit FROM harvest_missing") == [("bit.ly/b", "month")]


async def test_hours_that_are_not_wanted_any_more_hold_nothing_back(shop: Shop) -> None:
    engine, wanted = shop.engine, ["clicks", "clicks_by_hour"]
    before = Window(YESTERDAY.start - DAY, Unit.DAY)
    await coverage.open_windows(engine, shop.group_id, ["clicks_by_hour"], [before])
    await arranged_settled(shop, YESTERDAY)
    for since, first in ((before.day, before.day), (YESTERDAY.day, YESTERDAY.end.date())):
        assert await coverage.first_unsettled(engine, shop.group_id, wanted, since) == first


async def test_a_month_and_facets_that_are_not_wanted_hold_nothing_back(shop: Shop) -> None:
    engine, by_group = shop.engine, "organization_shorten_counts_by_group"
    month = Window(YESTERDAY.start.replace(day=1), Unit.MONTH)
    await coverage.open_windows(engine, shop.group_id, [by_group], [month])
    await coverage.open_windows(engine, shop.group_id, ["cities"], [Window(month.start, Unit.DAY)])
    await arranged_settled(shop, YESTERDAY)
    wanted = ["clicks", by_group]
    first = await coverage.first_unsettled(engine, shop.group_id, wanted, YESTERDAY.day)
    assert first == YESTERDAY.end.date()
