"""Odd texts come back from either database as they are, or are refused with a reason."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.decoding import Body
from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.facets import FACETS
from harvester.bitly.models import bitlinks, groups
from harvester.domain.errors import Exit
from harvester.domain.rosters import BitlinkDetails, GroupDetails
from harvester.domain.snapshots import Reading, Row, Snapshot
from harvester.sandbox.catalogue import Rows
from harvester.sandbox.server import running
from harvester.sandbox.world import World
from harvester.store import rosters
from tests.store.making import NOW, YESTERDAY, made_shop
from tests.whole.running import TODAY, Harvester, StillClock, assert_equals_truth, missing, select

ODD = (
    "",
    " ",
    "'",
    '"',
    "'; DROP TABLE bitlinks; --",
    "%",
    "%s %(name)s :name ? $1 {}",
    "\\",
    "\\u0000 \\x00",
    "two\r\nlines\tand\va\fhalf",
    "\x1b[2J\x07\x7f\x9b",
    "\u05d0\u05d1\u202eabc\u2066",
    "\N{FAMILY}\N{ZERO WIDTH JOINER}\U0001f469\U0001f3fd",
    "e\u0301 \u00e9",
    "\ufeff\ufffe\uffff\U0010ffff",
    "NULL",
    "x" * 2_000,
    "\U0001f600" * 2_000,
)
NUL = "a\0b"
DAYS = 2
text = st.one_of(st.sampled_from(ODD), st.text(max_size=40))
anything = st.one_of(text, st.text(st.characters(exclude_categories=()), max_size=20))


def world() -> World:
    """Return an account with a link for each odd text, in all places that take texts."""
    day = TODAY - timedelta(days=1)
    created = datetime.combine(TODAY - timedelta(days=9), datetime.min.time(), UTC)
    links = [
        BitlinkDetails(
            id=f"bit.ly/link{number}",
            link=odd,
            long_url=f"https://x.test/{odd}",
            title=odd,
            created_at=created,
            created_by=odd,
            client_id=odd,
            tags=(odd, odd * 2),
        )
        for number, odd in enumerate((*ODD, NUL))
    ]
    clicks = {(link.id, day): 3 for link in links}
    rows: dict[tuple[str, str, Any], Rows] = {}
    for link, odd in zip(links, ODD, strict=False):
        rows |= {
            (link.id, name, day): {(odd,): 3} for name in ("countries", "referrers", "devices")
        }
        rows[link.id, "cities", day] = {(odd, odd, odd, odd): 3}
    made = World.of({"B1": links}, clicks, rows, today=TODAY)
    made.groups["B1"] = replace(made.groups["B1"], name="'; DROP TABLE groups; --", role=ODD[10])
    return made


async def test_a_harvest_brings_each_odd_text_home(engine: AsyncEngine) -> None:
    made, clock = world(), StillClock()
    async with running(made, clock=clock) as sandbox:
        summary = await Harvester(sandbox, engine, clock).run(f"{DAYS}d")
    assert summary.outcome.exit_code is Exit.COMPLETE
    assert not await missing(engine)
    await assert_equals_truth(engine, made, DAYS)
    columns = "bitlink, link, title, created_by, long_url, tags"
    for name, *texts, long_url, tags in await select(
        engine, f"SELECT {columns} FROM bitlink_details"
    ):
        [odd] = {each.title for each in made.links("B1") if each.id == name}
        kept = (odd or "").replace("\0", "\ufffd")  # which neither engine can hold
        assert texts == [kept] * 3
        assert long_url == f"https://x.test/{kept}"
        assert json.loads(tags) == [kept, kept * 2]
    assert await select(engine, "SELECT name FROM group_details") == [("'; DROP TABLE groups; --",)]


BACK_HALVES = (
    *(
        "'",
        '"',
        "%",
        "%2F",
        "a%00b",
        "\\",
        ";",
        "a b",
        "..",
        "a/../b",
        "?a=b&c",
        "#x",
        ":name",
        "@x",
    ),
    *("'; DROP TABLE subjects; --", "\u05d0\u202eb", "\N{FAMILY}", "e\u0301", "\u00e9", "E", "e"),
    "x" * 2_000,
    "".join(map(chr, range(0x4E00, 0x4E00 + 650))),  # nothing in it that could be packed
)


async def test_odd_back_halves_are_asked_for_and_kept_as_they_are(engine: AsyncEngine) -> None:
    day = TODAY - timedelta(days=1)
    names = [f"bit.ly/{back_half}" for back_half in BACK_HALVES]
    links = [BitlinkDetails(id=name, link=name, long_url="") for name in names]
    clicks = {(name, day): number for number, name in enumerate(names, 1)}
    made, clock = World.of({"B1": links}, clicks, today=TODAY), StillClock()
    async with running(made, clock=clock) as sandbox:
        await Harvester(sandbox, engine, clock).run(f"{DAYS}d")
    found = await select(engine, "SELECT bitlink, clicks FROM clicks_by_day")
    assert {name: int(count) for name, count in found} == {
        name: count for (name, _), count in clicks.items()
    }
    assert not await missing(engine)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=text, tags=st.lists(text, max_size=3), labels=st.lists(text, min_size=4, max_size=4))
async def test_any_text_that_can_be_sent_survives_the_round_trip(
    engine: AsyncEngine, title: str, tags: list[str], labels: list[str]
) -> None:
    page = json.dumps({"links": [{"id": "bit.ly/a", "title": title, "tags": tags}]})
    [link], _ = bitlinks(Body(page.encode()))
    shop = await made_shop(engine, ["bit.ly/a"])
    await rosters.save_bitlinks(engine, shop.account_id, shop.group_id, [link], NOW)
    kept = [each.replace("\0", "\ufffd") for each in (title, *tags)]
    rows = await shop.rows("SELECT title, tags FROM bitlink_details WHERE bitlink = 'bit.ly/a'")
    assert [(found, json.loads(listed)) for found, listed in rows] == [(kept[0], kept[1:])]
    values = tuple(each.replace("\0", "\ufffd") for each in labels)
    reading = Reading(YESTERDAY, 7, (Row(values, 7),))
    await shop.record(Snapshot(shop.ids["bit.ly/a"], "cities", reading, NOW))
    assert await shop.rows("SELECT city, subregion, region, country FROM clicks_by_city") == [
        values
    ]


@given(value=anything)
def test_every_text_of_an_answer_is_one_that_a_database_can_hold(value: str) -> None:
    sent = json.dumps({"metrics": [{"value": value, "clicks": 1}]}).encode()
    answer = FACETS["referrers"].parse(Body(sent), [YESTERDAY])
    [row] = answer.readings[0].rows
    [label] = row.labels
    assert label is not None
    assert "\0" not in label
    assert label.encode().decode() == label
    if not any(each == "\0" or "\ud800" <= each <= "\udfff" for each in value):
        assert label == value


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("bit.ly/a\nb", "controls"),
        ("bit.ly/\x1b[2J", "controls"),
        ("bit.ly/a ", "controls"),
        ("\tbit.ly/a", "controls"),
        ("bit.ly/" + "x" * 2_048, "over 2048 bytes"),
        ("bit.ly/" + "\U0001f600" * 600, "over 2048 bytes"),
        ("bit.ly/", "no bitlink"),
        ("", "no bitlink"),
    ],
)
def test_name_that_would_not_stay_itself_is_refused_with_a_reason(name: str, reason: str) -> None:
    for link in ({"id": name}, {"id": "bit.ly/a", "custom_bitlinks": [f"https://{name}"]}):
        with pytest.raises(UnexpectedShape, match=reason) as caught:
            bitlinks({"links": [link]})
        assert str(caught.value).isprintable()


async def test_guid_of_a_group_is_kept_up_to_a_length_far_above_any(engine: AsyncEngine) -> None:
    guid = "\U0001f600" * 200
    [found] = groups({"groups": [{"guid": guid}]})
    assert isinstance(found, GroupDetails)
    account_id = await rosters.save_account(engine, "shop", "\U0001f600" * 9_000, NOW)
    assert guid in await rosters.save_groups(engine, account_id, [found], NOW)
    with pytest.raises(UnexpectedShape, match="length <= 200"):
        groups({"groups": [{"guid": guid + "x"}]})
