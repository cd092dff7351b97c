"""Exports: what the store holds, streamed into a file or to whoever reads the output."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.domain.errors import ConfigError
from harvester.report import files
from harvester.report.encoders import Csv, Encoder, Json, JsonLines
from harvester.report.sources import Source


class Format(StrEnum):
    """How an export is written; the value is what a file's name ends with, too."""

    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export came to; `resumed` of its `rows` were in the file from an earlier time."""

    file: str
    format: Format
    rows: int
    resumed: int = 0


def format_of(
    path: Path, named: str | None, *, installed: Callable[[str], object] = find_spec
) -> Format:
    """Return the format that is `named`, or else that of the file's name; JSON Lines at last.

    Raises ConfigError if it is Parquet and what writes that is not installed.
    """
    found = Format.JSONL
    with suppress(ValueError):
        found = Format(named or path.suffix.removeprefix(".").lower())
    if found is Format.PARQUET and installed("arro3") is None:
        raise ConfigError(
            "Parquet needs an extra that is not installed: pip install 'harvester[parquet]'"
        )
    return found


async def to_file(
    engine: AsyncEngine, source: Source, path: Path, form: Format, *, exact: bool = False
) -> Exported:
    """Write an export to a file, which is there once it is whole. Raises ExportFailed, StoreError.

    One that broke off is gone on with, unless it is Parquet.
    """
    if form is Format.PARQUET:
        return await _to_parquet(engine, source, path)
    encoder = _encoder(form, exact=exact)
    with files.file(path, f"{source!r} {form} {exact}") as part:
        resumed = part.rows
        async with source.opened(engine, part.after) as stream:
            if not part.size:
                part.write(encoder.head(stream.columns))
            rows = part.rows
            async for batch in stream.batches:
                part.write(encoder.rows(stream.columns, batch.rows, first=rows == 0))
                rows += len(batch.rows)
                if batch.after is not None:
                    part.complete(batch.after, rows)
            part.write(encoder.tail())
    return Exported(str(path), form, rows, resumed)


async def to_stream(
    engine: AsyncEngine, source: Source, out: BinaryIO, form: Format, *, exact: bool = False
) -> Exported:
    """Write an export to whoever reads. Raises ExportFailed if nobody does, ConfigError."""
    if form is Format.PARQUET:
        raise ConfigError("Parquet is written to a file: say where, with --output FILE")
    encoder, rows = _encoder(form, exact=exact), 0
    async with source.opened(engine, None) as stream:
        with files.told_of("the output"):
            out.write(encoder.head(stream.columns))
            async for batch in stream.batches:
                out.write(encoder.rows(stream.columns, batch.rows, first=rows == 0))
                rows += len(batch.rows)
            out.write(encoder.tail())
            out.flush()
    return Exported("-", form, rows)


def _encoder(form: Format, *, exact: bool) -> Encoder:
    if form is Format.CSV:
        return Csv(exact=exact)
    return Json() if form is Format.JSON else JsonLines()


async def _to_parquet(engine: AsyncEngine, source: Source, path: Path) -> Exported:
    from harvester.report import parquet  # noqa: PLC0415 - an extra

    with files.file(path, "", resumable=False) as part:
        async with source.opened(engine, None) as stream:
            rows = await parquet.write(stream, part.out)
    return Exported(str(path), Format.PARQUET, rows)
