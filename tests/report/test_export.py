"""An export holds what the store holds, whole or not at all, and goes on where it broke off."""

import csv
import io
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.errors import ConfigError
from harvester.domain.windows import day_window
from harvester.report.cells import Column, Kind
from harvester.report.encoders import Csv, Json, JsonLines
from harvester.report.export import Exported, Format, format_of, to_file, to_stream
from harvester.report.files import ExportFailed, file
from harvester.report.links import Links
from harvester.report.metrics import View
from harvester.report.sources import Batch, Key, Stream, Wanted
from harvester.store import rosters
from tests.store.making import NOW, YESTERDAY, Shop, clicks, countries, group, link, made_shop

TEXTS = (Column("a", Kind.TEXT), Column("b", Kind.TEXT))
CELLS = st.one_of(st.none(), st.text(st.characters(codec="utf-8"), max_size=8), st.just("=1+1"))


@pytest.fixture
async def shop(engine: AsyncEngine) -> Shop:
    shop = await made_shop(engine, [])
    tagged = link("bit.ly/a", "bit.ly/Sale", "bit.ly/old", title='=1+1, said "he"')
    plain = link("go.example.com/größe")
    await rosters.save_bitlinks(engine, shop.account_id, shop.group_id, [tagged, plain], NOW)
    more = await rosters.save_groups(engine, shop.account_id, [group("Bg2")], NOW)
    await rosters.save_bitlinks(engine, shop.account_id, more["Bg2"], [link("bit.ly/c")], NOW)
    days = [day_window(date(2026, 11, day)) for day in (18, 19)] + [YESTERDAY]
    ids = await rosters.target_ids(engine, shop.account_id, ["bit.ly/a", "bit.ly/c"])
    seen = [clicks(target, 3, window=day) for target in ids.values() for day in days]
    await shop.record(*seen, countries(ids["bit.ly/a"], [("DE", 2), (None, 1)]))
    return shop


def files(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if "harvester.db" not in each.name)


def found_in(query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as duck:
        return duck.execute(query).fetchall()


async def exported(engine: AsyncEngine, source: Any, form: Format = Format.JSONL) -> bytes:
    out = io.BytesIO()
    await to_stream(engine, source, out, form)
    return out.getvalue()


async def records(engine: AsyncEngine, source: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (await exported(engine, source)).splitlines()]


async def test_a_backup_of_links_has_bitlys_names_and_values(shop: Shop) -> None:
    first, second, third = await records(shop.engine, Links())
    assert [each["id"] for each in (first, second, third)] == [
        "bit.ly/a",
        "go.example.com/größe",
        "bit.ly/c",
    ]
    assert sorted(first["custom_bitlinks"]) == ["https://bit.ly/Sale", "https://bit.ly/old"]
    assert (first["title"], first["tags"], first["archived"]) == ('=1+1, said "he"', [], False)
    assert (first["created_at"], first["gone_at"]) == ("2026-11-21T12:00:00Z", None)
    assert third["group_guid"] == "Bg2"


async def test_links_of_some_groups_alone_are_exported_if_named(shop: Shop) -> None:
    found = await records(shop.engine, Links(Wanted(groups=("Bg2",))))
    assert [each["id"] for each in found] == ["bit.ly/c"]
    assert await records(shop.engine, Links(Wanted(accounts=("other",)))) == []


async def test_a_view_is_exported_by_day_and_group(shop: Shop) -> None:
    all_of_it = await records(shop.engine, View("clicks_by_day"))
    assert [each["day"] for each in all_of_it] == sorted(each["day"] for each in all_of_it)
    assert len(all_of_it) == 6
    wanted = Wanted(groups=("Bg1",), since=date(2026, 11, 19), until=date(2026, 11, 19))
    [row] = await records(shop.engine, View("clicks_by_day", wanted))
    assert row == {
        "day": "2026-11-19",
        "unit": "day",
        "account": "shop",
        "group_guid": "Bg1",
        "bitlink": "bit.ly/a",
        "clicks": 3,
    }


async def test_a_view_without_days_or_a_wrong_name_is_refused(shop: Shop) -> None:
    with pytest.raises(ConfigError, match=r"no view 'x; DROP'; there are: .*clicks_by_day"):
        View("x; DROP")
    with pytest.raises(ConfigError, match="--since means nothing to group_details: it has no day"):
        await records(shop.engine, View("group_details", Wanted(since=date(2026, 1, 1))))


@pytest.mark.parametrize("form", Format)
async def test_each_format_is_read_back_the_same(shop: Shop, form: Format, tmp_path: Path) -> None:
    path = tmp_path / f"links.{form}"
    assert (await to_file(shop.engine, Links(), path, form)).rows == 3
    assert files(tmp_path) == [path.name]
    told = await records(shop.engine, Links())
    if form is Format.CSV:
        rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))
        assert rows[0]["title"] == '\'=1+1, said "he"'
        assert [row["id"] for row in rows] == [each["id"] for each in told]
    elif form is Format.PARQUET:
        query = f"SELECT id, title, custom_bitlinks, archived, epoch(created_at) FROM '{path}'"
        [row, *_] = found_in(query)
        names = ("id", "title", "custom_bitlinks", "archived")
        assert row[:4] == tuple(told[0][name] for name in names)
        assert row[4] == NOW.timestamp()
    else:
        text = path.read_text("utf-8")
        read = json.loads(text) if form is Format.JSON else [*map(json.loads, text.splitlines())]
        assert read == told


async def test_a_view_in_parquet_has_days_counts_and_nulls(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "countries.parquet"
    await to_file(shop.engine, View("clicks_by_country"), path, Format.PARQUET)
    rows = found_in(f"SELECT day, country, clicks FROM '{path}' ORDER BY clicks")
    assert rows == [(date(2026, 11, 20), None, 1), (date(2026, 11, 20), "DE", 2)]


@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_csv_brings_each_text_back_and_no_formula(rows: list[tuple[str | None, ...]]) -> None:
    columns, encoder = TEXTS, Csv()
    written = encoder.head(columns) + encoder.rows(columns, rows, first=True) + encoder.tail()
    head, *read = csv.reader(io.StringIO(written.decode(), newline=""), strict=True)
    assert head == ["a", "b"]
    assert all(
        not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in read for cell in row
    )
    back = [[cell.removeprefix("'") for cell in row] for row in read]
    assert back == [[cell or "" for cell in row] for row in rows]


@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=5), parts=st.integers(1, 3))
def test_json_is_json_however_it_is_cut_into_batches(
    rows: list[tuple[str | None, ...]], parts: int
) -> None:
    for encoder, read in ((Json(), json.loads), (JsonLines(), None)):
        data, done = encoder.head(TEXTS), 0
        for begin in range(0, len(rows), parts):
            some = rows[begin : begin + parts]
            data += encoder.rows(TEXTS, some, first=done == 0)
            done += len(some)
        data += encoder.tail()
        lines = data.decode().split("\n")[:-1]
        found = read(data) if read else [json.loads(each) for each in lines]
        assert found == [{"a": a, "b": b} for a, b in rows]


@dataclass(frozen=True)
class Numbers:
    """Ten rows, 0 to 9, a key each; breaks off once it has given `until` of them."""

    until: int = 10

    def __repr__(self) -> str:
        return "numbers"

    @asynccontextmanager
    async def opened(self, _engine: object, after: Key) -> AsyncIterator[Stream]:
        async def batches() -> AsyncIterator[Batch]:
            for number in range(0 if after is None else int(after) + 1, 10):
                if number == self.until:
                    raise ConnectionError("broken off")
                yield Batch([(number,)], number)

        yield Stream((Column("n", Kind.WHOLE),), batches())


@pytest.mark.parametrize("form", [Format.CSV, Format.JSON, Format.JSONL])
async def test_an_export_goes_on_where_it_broke_off(
    engine_of_none: Any, form: Format, tmp_path: Path
) -> None:
    path, whole = tmp_path / "n", tmp_path / "whole"
    for until in (4, 7):
        with pytest.raises(ExportFailed):
            await to_file(engine_of_none, Numbers(until), path, form)
        assert not path.exists()
    done = await to_file(engine_of_none, Numbers(), path, form)
    assert done == Exported(str(path), form, 10, 7)
    await to_file(engine_of_none, Numbers(), whole, form)
    assert path.read_bytes() == whole.read_bytes()
    assert files(tmp_path) == ["n", "whole"]


async def test_a_part_of_another_export_is_not_gone_on_with(
    engine_of_none: Any, tmp_path: Path
) -> None:
    path = tmp_path / "n"
    with pytest.raises(ExportFailed):
        await to_file(engine_of_none, Numbers(4), path, Format.CSV)
    done = await to_file(engine_of_none, Numbers(), path, Format.JSONL)
    assert (done.rows, done.resumed) == (10, 0)


def test_two_exports_do_not_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with file(path, "one") as part:
        part.write(b"1")
        with pytest.raises(ExportFailed, match="another export"), file(path, "two"):
            pass
    assert path.read_bytes() == b"1"


@pytest.fixture
def full() -> Iterator[BinaryIO]:
    """Yield a file on a disk that is full."""
    opened = os.open("/dev/full", os.O_WRONLY)
    with os.fdopen(opened, "wb", buffering=0) as file:
        yield file


async def test_a_full_disk_is_one_line_that_says_what_to_do(
    engine_of_none: Any, full: BinaryIO
) -> None:
    with pytest.raises(ExportFailed, match="the output: No space left on device; make room"):
        await to_stream(engine_of_none, Numbers(), full, Format.CSV)


def test_the_format_is_what_is_named_or_what_the_file_is_called() -> None:
    assert format_of(Path("a.csv"), None) is Format.CSV
    assert format_of(Path("a.csv"), "json") is Format.JSON
    assert format_of(Path("-"), None) is Format.JSONL
    assert format_of(Path("a.parquet"), None) is Format.PARQUET


def test_without_the_extra_parquet_is_refused_with_what_to_install() -> None:
    with pytest.raises(ConfigError, match=r"pip install 'harvester\[parquet\]'"):
        format_of(Path("a.parquet"), None, installed=lambda _name: None)


@pytest.fixture
def engine_of_none() -> Any:
    return None
