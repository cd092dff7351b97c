"""Same content adds nothing, other content is a revision, and nothing learnt is lost to a zero."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.domain.snapshots import Reading, Reason, Row, Snapshot
from harvester.store import rosters
from harvester.store.facts import HISTORY
from harvester.store.interning import digest
from tests.store.making import DAY, HOUR, NOW, YESTERDAY, Shop, clicks, countries, link, lost
from tests.store.making import targets as read_targets

BY_COUNTRY = "SELECT country, clicks FROM clicks_by_country ORDER BY clicks"
SIZES = "SELECT (SELECT count(*) FROM snapshots), (SELECT count(*) FROM metrics)"
HISTORY_OF = "SELECT total, superseded_at IS NULL FROM snapshot_history ORDER BY observed_at, total"


async def test_what_is_recorded_is_seen_in_the_views(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    done = await shop.record(clicks(a, 5), countries(a, [("DE", 2), ("FR", 3)]))
    assert (done.snapshots, done.rows, done.revisions, done.missing) == (2, 2, 0, 0)
    assert await shop.rows(BY_COUNTRY) == [("DE", 2), ("FR", 3)]
    query = "SELECT account, group_guid, bitlink, unit, clicks FROM clicks_by_day"
    assert await shop.rows(query) == [("shop", "Bg1", "bit.ly/a", "day", 5)]


async def test_the_same_content_again_adds_no_row_and_moves_last_seen(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    await shop.record(clicks(a, 5), countries(a, [("DE", 2), ("FR", 3)]))
    before = await shop.rows(SIZES)
    later = NOW + HOUR
    done = await shop.record(clicks(a, 5, at=later), countries(a, [("FR", 3), ("DE", 2)], at=later))
    assert (done.snapshots, done.rows) == (0, 0)
    assert await shop.rows(SIZES) == before
    seen = await shop.rows("SELECT DISTINCT observed_at, last_seen_at FROM snapshots")
    assert seen == [(int(NOW.timestamp()), int(later.timestamp()))]


async def test_an_older_observation_of_the_same_does_not_move_last_seen_back(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    await shop.record(clicks(a, 5))
    await shop.record(clicks(a, 5, at=NOW - HOUR))
    assert await shop.rows("SELECT last_seen_at FROM snapshots") == [(int(NOW.timestamp()),)]


@pytest.mark.parametrize(
    "rows", [[("DE", 3), ("FR", 2)], [("DE", 2), ("IT", 3)], [("DE", 5)], [("DE", 2)], []]
)
async def test_other_content_is_a_new_revision_and_the_old_one_stays(
    shop: Shop, rows: list[tuple[str | None, int]]
) -> None:
    a = shop.ids["bit.ly/a"]
    await shop.record(countries(a, [("DE", 2), ("FR", 3)]))
    done = await shop.record(countries(a, rows, at=NOW + HOUR))
    assert (done.snapshots, done.revisions) == (1, 1)
    assert sorted(await shop.rows(BY_COUNTRY)) == sorted(rows)
    old = await shop.rows(
        "SELECT label_1, clicks FROM snapshot_history WHERE superseded_at IS NOT NULL ORDER BY 2"
    )
    assert old == [("DE", 2), ("FR", 3)]


async def test_a_reading_that_is_cut_no_more_is_a_revision(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    await shop.record(countries(a, [("DE", 2)], cut=True))
    assert (await shop.record(countries(a, [("DE", 2)], at=NOW + HOUR))).revisions == 1
    assert await shop.rows("SELECT reason FROM harvest_missing") == []


@pytest.mark.parametrize(("late", "kept"), [(timedelta(), False), (timedelta(seconds=1), True)])
async def test_a_zero_corrects_clicks_only_while_it_may_be_believed(
    shop: Shop, late: timedelta, kept: bool
) -> None:
    a = shop.ids["bit.ly/a"]
    await shop.record(clicks(a, 5))
    done = await shop.record(clicks(a, 0, at=YESTERDAY.end + HISTORY + late))
    assert (done.snapshots, done.missing) == ((0, 1) if kept else (1, 0))
    assert await shop.rows("SELECT clicks FROM clicks_by_day_filled") == [(5 if kept else 0,)]
    reasons = await shop.rows("SELECT reason FROM harvest_missing")
    assert reasons == ([(Reason.HISTORY.value,)] if kept else [])


async def test_a_late_zero_is_stored_where_nothing_else_was_seen(shop: Shop) -> None:
    late = YESTERDAY.end + HISTORY + DAY
    assert (await shop.record(clicks(shop.ids["bit.ly/a"], 0, at=late))).snapshots == 1


async def test_a_late_lower_count_is_a_revision(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    await shop.record(clicks(a, 5))
    late = YESTERDAY.end + HISTORY + DAY
    assert (await shop.record(clicks(a, 4, at=late))).revisions == 1


async def test_what_is_learnt_is_missing_no_more(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    await shop.record(lost(a, "clicks", Reason.UNANSWERED), lost(a, "countries", Reason.REJECTED))
    await shop.record(clicks(a, 5))
    assert await shop.rows("SELECT facet FROM harvest_missing") == [("countries",)]


async def test_attempts_add_up_and_the_newest_reason_counts(shop: Shop) -> None:
    a = shop.ids["bit.ly/a"]
    for reason in (Reason.UNANSWERED, Reason.UNREADABLE, Reason.QUOTA):
        await shop.record(lost(a, "clicks", reason))
    query = "SELECT reason, detail, attempts FROM harvest_missing"
    assert await shop.rows(query) == [("quota", "it was quota", 2)]


async def test_odd_values_come_back_as_they_went_in(shop: Shop) -> None:
    odd = [
        "",
        "'; DROP TABLE labels; --",
        "é",
        "e\u0301",
        "مرحبا",
        "🧵👩‍👩‍👧",
        "x" * 2048,
        "\u202eabc",
    ]
    odd += ["de", "DE", " DE", "\uff24", "%", "\\", "\u007f", "\U0010ffff"]
    rows: list[tuple[str | None, int]] = [(value, 2**53 - n) for n, value in enumerate(odd)]
    await shop.record(countries(shop.ids["bit.ly/a"], [*rows, (None, 1)]))
    assert set(await shop.rows(BY_COUNTRY)) == {*rows, (None, 1)}


async def test_null_and_empty_labels_are_told_apart_in_every_column(shop: Shop) -> None:
    labels = [(None, "", None, ""), ("", None, "", None), ("", "", "", ""), (None,) * 4]
    rows = tuple(Row(each, n + 1) for n, each in enumerate(labels))
    city = Snapshot(shop.ids["bit.ly/a"], "cities", Reading(YESTERDAY, 10, rows), NOW)
    await shop.record(city)
    await shop.record(city)
    query = "SELECT city, subregion, region, country, clicks FROM clicks_by_city ORDER BY clicks"
    assert await shop.rows(query) == [(*row.labels, row.clicks) for row in rows]


async def test_the_same_letters_in_other_case_are_another_link(shop: Shop) -> None:
    links = [link("bit.ly/ABC"), link("bit.ly/abc")]
    await rosters.save_bitlinks(shop.engine, shop.account_id, shop.group_id, links, NOW)
    ids = await read_targets(shop.engine, shop.group_id)
    await shop.record(clicks(ids["bit.ly/ABC"], 1), clicks(ids["bit.ly/abc"], 2))
    query = "SELECT bitlink, clicks FROM clicks_by_day ORDER BY clicks"
    assert await shop.rows(query) == [("bit.ly/ABC", 1), ("bit.ly/abc", 2)]


labels = st.lists(st.none() | st.text(max_size=3), max_size=4).map(tuple)


@given(labels, labels)
def test_digests_differ_where_labels_do(
    one: tuple[str | None, ...], other: tuple[str | None, ...]
) -> None:
    assert (digest(one) == digest(other)) is (one == other)
