"""What the planner is told is what was recorded, no more."""

from datetime import timedelta

from harvester.domain.snapshots import Reason
from harvester.domain.subjects import Kind, Subject, Target
from harvester.domain.windows import Unit, Window, holding
from harvester.store.gates import refusals, save_refusal
from harvester.store.known import Known, Seen, known
from tests.store.making import DAY, HOUR, NOW, YESTERDAY, Shop, clicks, countries, lost

BEFORE = Window(YESTERDAY.start - DAY, Unit.DAY)


def wanted(shop: Shop, *names: str) -> list[Target]:
    return [Target(shop.ids[name], Subject(Kind.BITLINK, name), "Bg1") for name in names]


async def test_the_current_snapshots_and_gaps_are_known(shop: Shop) -> None:
    a, b = shop.ids.values()
    later = NOW + HOUR + timedelta(milliseconds=700)
    await shop.record(clicks(a, 5), clicks(b, 0), countries(a, [("DE", 5)], window=BEFORE))
    await shop.record(clicks(a, 6, at=later), lost(b, "countries", Reason.GONE, at=later))
    facets = ["clicks", "countries", "cities"]
    found = await known(shop.engine, wanted(shop, *shop.ids), facets, [YESTERDAY, BEFORE])
    assert found == Known(
        seen={
            (a, "clicks", YESTERDAY): Seen(6, NOW + HOUR),
            (b, "clicks", YESTERDAY): Seen(0, NOW),
            (a, "countries", BEFORE): Seen(5, NOW),
        },
        missing={(b, "countries", YESTERDAY): (Reason.GONE, NOW + HOUR)},
    )


async def test_nothing_is_told_that_was_not_asked_for(shop: Shop) -> None:
    a, b = shop.ids.values()
    await shop.record(clicks(a, 5), clicks(b, 1), lost(b, "countries", Reason.GONE))
    only_a = wanted(shop, "bit.ly/a")
    month = holding(YESTERDAY.start, Unit.MONTH)
    assert await known(shop.engine, only_a, ["countries"], [YESTERDAY]) == Known()
    assert await known(shop.engine, only_a, ["clicks"], [BEFORE, month]) == Known()
    assert await known(shop.engine, [], ["clicks"], [YESTERDAY]) == Known()
    assert await known(shop.engine, only_a, [], []) == Known()


async def test_many_targets_and_windows_fit_into_one_question(shop: Shop) -> None:
    days = [Window(YESTERDAY.start - n * DAY, Unit.DAY) for n in range(1_200)]
    await shop.record(clicks(shop.ids["bit.ly/a"], 5, window=days[-1]))
    targets = [Target(n, Subject(Kind.BITLINK, "x"), "Bg1") for n in range(1_000)]
    assert len((await known(shop.engine, targets, ["clicks"], days)).seen) == 1


async def test_the_newest_refusal_of_a_facet_counts(shop: Shop) -> None:
    assert await refusals(shop.engine, shop.group_id) == {}
    for at in (NOW, NOW + DAY):
        await save_refusal(
            shop.engine,
            shop.group_id,
            "cities",
            Reason.NOT_IN_PLAN,
            "upgrade",
            at=at,
            retry_at=at + DAY,
        )
    assert await refusals(shop.engine, shop.group_id) == {"cities": NOW + 2 * DAY}
    assert await refusals(shop.engine, shop.group_id + 1) == {}
    first = await shop.rows("SELECT first_at FROM refusals")
    assert first == [(int(NOW.timestamp()),)]
