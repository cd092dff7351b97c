"""`harvest export`: bitlinks and metrics out of the database, and Bitly's own CSVs."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click
from click.core import ParameterSource
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.exports import ENGAGEMENTS, LISTS
from harvester.cli.bitly_export import handed_on
from harvester.cli.options import settings_from, shared
from harvester.cli.output import say, say_json
from harvester.cli.wiring import existing
from harvester.clock import SystemClock
from harvester.domain.errors import ConfigError
from harvester.domain.naming import named_groups
from harvester.harvest.since import day_of
from harvester.report.export import Exported, Format, format_of, to_file, to_stream
from harvester.report.files import ExportFailed
from harvester.report.links import Links
from harvester.report.metrics import View
from harvester.report.sources import Source, Wanted
from harvester.store.engine import opened
from harvester.store.known_groups import known_groups

Command = TypeVar("Command", bound=Callable[..., Any])
Meant = Callable[[Wanted], Source]

_OPTIONS = (
    click.option("--account", "accounts", multiple=True, metavar="NAME", help="Only this account."),
    click.option(
        "--group", "groups", multiple=True, metavar="NAME", help="Only this group, name or guid."
    ),
    click.option(
        "--format",
        "form",
        type=click.Choice([each.value for each in Format]),
        help="Default: the file's.",
    ),
    click.option("-o", "--output", default="-", metavar="FILE", help="Default: standard output."),
    click.option(
        "--exact", is_flag=True, help="CSV: leave what a spreadsheet takes for a formula."
    ),
)
_DAYS = (
    click.option("--since", metavar="WHEN", help="First day: 2026-11-01, 7d, yesterday."),
    click.option("--until", metavar="WHEN", help="Last day, included."),
)


def _with(options: tuple[Callable[[Command], Command], ...]) -> Callable[[Command], Command]:
    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.group(name="export", invoke_without_command=True)
@click.option(
    "--bitly",
    type=click.Choice([ENGAGEMENTS, *LISTS]),
    help="Ask Bitly for an export of its own, and hand its CSV on.",
)
@_with(_DAYS)
@_with(_OPTIONS)
@shared
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:
    """Write what is stored, or Bitly's own exports, to a file or to standard output.

    A file is there once it is whole. An export of what is stored that breaks off leaves FILE.part,
    and goes on from there when it is asked for again.
    """
    if ctx.invoked_subcommand is not None:
        _pass_on(ctx, ctx.invoked_subcommand)
        return
    if options["bitly"] is None:
        raise click.UsageError("say what to export: links, metrics VIEW, or --bitly TYPE")
    path = Path(options["output"])
    form = Format.CSV if path.suffix == "" else format_of(path, options["form"])
    form = format_of(path, options["form"]) if options["form"] else form
    tell(handed_on(options, path, form, _written), as_json=options["as_json"])


def _pass_on(ctx: click.Context, name: str) -> None:
    """Let options before `links` or `metrics` hold for these, or refuse them: never ignore them."""
    part = command.get_command(ctx, name)
    taken = {option.name for option in part.params} if part else set()
    given = {}
    for option in command.params:
        word = option.name or ""
        if ctx.get_parameter_source(word) is not ParameterSource.DEFAULT:
            if word not in taken:
                raise click.UsageError(f"{option.opts[0]} means nothing to export {name}", ctx)
            given[word] = ctx.params[word]
    ctx.default_map = {name: given}


@command.command()
@_with(_OPTIONS)
@shared
def links(**options: Any) -> None:
    """Back up all bitlinks: each with all that Bitly tells of it, under Bitly's own names."""
    _export(options, Links)


@command.command()
@click.argument("view")
@_with(_DAYS)
@_with(_OPTIONS)
@shared
def metrics(view: str, **options: Any) -> None:
    """Export a public view, such as clicks_by_day; docs/schema.md describes them."""
    _export(options, partial(View, view))


def _export(options: dict[str, Any], meant: Meant) -> None:
    path = Path(options["output"])
    form = format_of(path, options["form"])
    settings = settings_from(options, with_accounts=False)
    done = asyncio.run(_run(existing(settings.database.url), options, meant, path, form))
    tell(done, as_json=options["as_json"])


def tell(done: Exported, *, as_json: bool) -> None:
    """Say what came of an export, where it is not in the way of what was exported."""
    to_stdout = done.file == "-"
    if as_json:
        say_json(asdict(done), err=to_stdout)
    elif not to_stdout or sys.stderr.isatty():
        resumed = f", {done.resumed:,} of them from before" if done.resumed else ""
        say(f"{done.file}: {done.rows:,} rows{resumed}", err=to_stdout)


async def _run(
    url: str, options: dict[str, Any], meant: Meant, path: Path, form: Format
) -> Exported:
    async with opened(url) as engine:
        return await _written(engine, meant(await _wanted(engine, options)), path, form, options)


async def _written(
    engine: AsyncEngine, source: Source, path: Path, form: Format, options: Mapping[str, Any]
) -> Exported:
    if options["output"] == "-":
        with _stdout() as out:
            return await to_stream(engine, source, out, form, exact=options["exact"])
    return await to_file(engine, source, path, form, exact=options["exact"])


async def _wanted(engine: AsyncEngine, options: dict[str, Any]) -> Wanted:
    now, accounts = SystemClock().now(), options["accounts"]
    there = await known_groups(engine, accounts)
    for name in set(accounts) - {each.account for each in there}:
        raise ConfigError(f"no account {name!r} has been harvested into this database")
    guids = tuple(each.guid for each in named_groups(there, options["groups"]))
    days = {
        name: day_of(options[name], now, option=f"--{name}") if options.get(name) else None
        for name in ("since", "until")
    }
    return Wanted(accounts, guids, days["since"], days["until"])


@contextmanager
def _stdout() -> Iterator[BinaryIO]:
    """Yield standard output for bytes. After an error what is still to be written is dropped.

    Python would else try again at its end, and print what goes wrong then.
    """
    try:
        yield sys.stdout.buffer
    except ExportFailed:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        raise
