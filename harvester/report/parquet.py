"""Rows as Parquet, in row groups, by arro3: an extra that few need (`harvester[parquet]`)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, BinaryIO, Final

import msgspec
from arro3 import core, io

from harvester.report.cells import Column, Kind, plain
from harvester.report.sources import Batch, Stream

ROW_GROUP: Final = 100_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = date(1970, 1, 1)
_TYPES: Final = {
    Kind.WHOLE: core.DataType.int64(),
    Kind.NUMBER: core.DataType.float64(),
    Kind.TRUTH: core.DataType.bool(),
    Kind.DAY: core.DataType.date32(),
    Kind.INSTANT: core.DataType.timestamp("us", tz="UTC"),
    Kind.TEXTS: core.DataType.list(core.Field("item", core.DataType.string(), nullable=True)),
}


async def write(stream: Stream, out: BinaryIO) -> int:
    """Write all rows of a stream to `out`; return how many. Raises OSError.

    The library pulls rows in a thread of its own, and has as many in memory as a row group.
    """
    schema = core.Schema([_field(column) for column in stream.columns])
    loop, counted = asyncio.get_running_loop(), 0

    def pulled() -> Iterator[core.RecordBatch]:
        nonlocal counted
        while True:
            coming = asyncio.run_coroutine_threadsafe(_next(stream.batches), loop)
            batch = coming.result()
            if batch is None:
                return
            counted += len(batch.rows)
            if batch.rows:
                yield _record(stream.columns, batch.rows, schema)

    def written() -> None:
        batches = core.RecordBatchReader.from_batches(schema, pulled())
        io.write_parquet(batches, out, compression="zstd(3)", max_row_group_size=ROW_GROUP)

    await asyncio.to_thread(written)
    return counted


async def _next(batches: AsyncIterator[Batch]) -> Batch | None:
    return await anext(batches, None)


def _field(column: Column) -> core.Field:
    return core.Field(column.name, _TYPES.get(column.kind, core.DataType.string()), nullable=True)


def _record(
    columns: Sequence[Column], rows: Sequence[Sequence[Any]], schema: core.Schema
) -> core.RecordBatch:
    cells = zip(columns, zip(*rows, strict=True), strict=True)
    arrays = [_array(column.kind, values) for column, values in cells]
    return core.RecordBatch.from_arrays(arrays, schema=schema)


def _array(kind: Kind, values: Sequence[Any]) -> core.Array:
    if kind is Kind.TEXTS:
        return _lists(values)
    raw, read = _CELLS.get(kind, (core.DataType.string(), _text))
    cells = [None if value is None else read(value) for value in values]
    return core.Array(cells, raw).cast(_TYPES.get(kind) or raw)


def _days(value: date | str) -> int:
    day = date.fromisoformat(value) if isinstance(value, str) else value
    return (day - _FIRST_DAY).days


def _microseconds(value: datetime | str) -> int:
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    return int((instant - _EPOCH).total_seconds()) * 1_000_000


def _text(value: Any) -> str:
    value = plain(value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _lists(values: Sequence[Sequence[str] | None]) -> core.Array:
    """Return lists of texts; one that is not there is empty."""
    offsets, items = [0], list[str]()
    for each in values:
        items += each or ()
        offsets.append(len(items))
    of = core.Array(offsets, core.DataType.int32())
    strings = core.Array(items, core.DataType.string())
    return core.list_array(of, strings, type=_TYPES[Kind.TEXTS])


# what the library makes an array of, and how a value becomes that; then it is cast to its type
_CELLS: Final[Mapping[Kind, tuple[core.DataType, Callable[[Any], Any]]]] = {
    Kind.WHOLE: (core.DataType.int64(), int),
    Kind.NUMBER: (core.DataType.float64(), float),
    Kind.TRUTH: (core.DataType.bool(), bool),
    Kind.DAY: (core.DataType.int32(), _days),
    Kind.INSTANT: (core.DataType.int64(), _microseconds),
}
