"""The queries of docs/queries.sql answer what they say they answer, the same on both engines."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncEngine

from docs.generate import queries
from harvester.domain.attribution import Attribution
from harvester.domain.rosters import BitlinkDetails
from harvester.domain.snapshots import Reading, Reason, Row, Snapshot
from harvester.domain.windows import day_window
from harvester.store import rosters
from harvester.store.following import follow
from tests.store.making import DAY, HOUR, NOW, YESTERDAY, clicks, countries, lost, made_shop
from tests.store.test_reports import closed
from tests.test_schema import filled

LINKS = [
    BitlinkDetails(
        "bit.ly/a",
        "https://bit.ly/a",
        "https://shop.example/?utm_campaign=fair&utm_source=mail",
        "A",
        tags=("x",),
        custom_ids=("bit.ly/fair",),
    ),
    BitlinkDetails("bit.ly/b", "https://bit.ly/b", "https://shop.example/", "B", tags=("x", "y")),
    BitlinkDetails("bit.ly/c", "https://bit.ly/c", "https://shop.example/", "C"),
]

# By number: what each finds of the shop below. The others are run only.
EXPECTED = {
    1: [("bit.ly/a", 7), ("bit.ly/fair", 3), ("bit.ly/b", 2)],
    2: [("shop", "bit.ly/a", 20), ("shop", "bit.ly/b", 2), ("shop", "bit.ly/c", 0)],
    3: [("2026-11-10", 10), ("2026-11-19", 1), ("2026-11-20", 6)],
    4: [("2026-11-19", 3, 1, 1), ("2026-11-20", 9, 0, 1)],
    5: [("Bg1", 12, 0)],
    6: [("2026-11-01", "Bg1", 22, 0)],
    7: [("DE", 4), ("FR", 1)],
    9: [("fair", "mail", 10), (None, None, 2)],
    10: [("x", 3, 22), ("y", 1, 2)],
    12: [],
    13: [("2026-11-10", 10), ("2026-11-19", 3), ("2026-11-20", 8)],
    14: [("2026-11-20", "bit.ly/a", "clicks", 5, 6, "2026-11-22T12:00:00Z")],
    15: [("complete", 2, 1)],
    16: [("clicks", "unanswered", 1, "2026-11-19", "2026-11-19")],
    21: [("2026-11-19", 3, 0), ("2026-11-20", 9, 0)],
    22: [
        ("bit.ly/a", "outside", "2026-11-10", "2026-11-19", 11),
        ("bit.ly/a", "launch", "2026-11-20", "2026-11-20", 6),
    ],
}


def plain(value: object) -> object:
    """A value as SQLite has it."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, bool | Decimal):
        return int(value)
    return str(value) if isinstance(value, date) else value


async def test_queries_find_what_they_say(engine: AsyncEngine) -> None:
    shop = await made_shop(engine, [])
    await rosters.save_bitlinks(engine, shop.account_id, shop.group_id, LINKS, NOW)
    names = ["bit.ly/a", "bit.ly/b", "bit.ly/c", "bit.ly/fair"]
    ids = await rosters.target_ids(engine, shop.account_id, names)
    a, b, c, fair = (ids[name] for name in names)
    before, long_ago = (day_window(YESTERDAY.day - timedelta(days=days)) for days in (1, 10))
    await shop.record(clicks(a, 5), clicks(b, 0), clicks(fair, 3), clicks(c, 0))
    await shop.record(clicks(a, 10, window=long_ago), countries(a, [("DE", 4), ("FR", 1)]))
    await shop.record(clicks(a, 1, window=before), clicks(b, 2, window=before))
    await shop.record(lost(c, "clicks", Reason.UNANSWERED, window=before))
    await shop.record(clicks(fair, 0, window=before), clicks(a, 6, at=NOW + DAY))
    device = Reading(YESTERDAY, 5, (Row(("Mobile",), 4), Row(("Desktop",), 1)))
    await shop.record(Snapshot(a, "devices", device, NOW + HOUR))
    await closed(shop, before, YESTERDAY)
    await follow(
        engine, "UTC", [Attribution("bit.ly/a", "launch", YESTERDAY.day, YESTERDAY.day + DAY)]
    )
    for number, query in enumerate(queries(), 1):
        found = await shop.rows(filled(query.sql).replace(":", r"\:"))
        if number in EXPECTED:
            told = [tuple(plain(value) for value in row) for row in found]
            assert told == EXPECTED[number], query.title
