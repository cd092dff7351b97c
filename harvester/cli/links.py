"""`harvest links`: which links are watched, where links lead, which lead somewhere."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from harvester.cli.asking import asking
from harvester.cli.options import accounts_from, settings_from, shared
from harvester.cli.output import say, say_json
from harvester.clock import SystemClock
from harvester.config import Account, Settings
from harvester.domain.errors import ConfigError, Exit
from harvester.domain.linklists import listed_links
from harvester.domain.links import link_id
from harvester.harvest.expanding import Expanded, expanded, leading_at_bitly
from harvester.store.engine import opened
from harvester.store.known_groups import known_groups
from harvester.store.lookups import Leading, leading_to
from harvester.store.watched import unwatch, watch, watched_links

_SHOWN = 10
account = click.option("--account", metavar="NAME", help="The account; the first one if not given.")
domain = click.option("--domain", metavar="DOMAIN", help="That of bare hashes, such as bit.ly.")


@click.group(name="links")
def command() -> None:
    """Watch links that are in none of your groups, and look links up.

    A link may be written in any form: bit.ly/abc, http://j.mp/abc, bitly.com/abc+, with ?r=qr, or
    as a bare hash with --domain.
    """


@command.command(name="import")
@click.argument("file", metavar="FILE")
@account
@domain
@shared
def import_(file: str, **options: Any) -> None:
    """Watch the links in FILE (- for standard input): one to a line, or a CSV with a head.

    They are harvested with the account's own from the next run on.
    """
    found = listed_links(_text(file), options["domain"])
    settings, named = _account(options)
    added = asyncio.run(_watch(settings, named, found.links))
    if options["as_json"]:
        told = {"account": named.name, "links": found.links, "added": added}
        say_json({**told, "problems": found.problems})
    else:
        say(f"{named.name}: {added:,} links added, {len(found.links) - added:,} watched before")
    for line in found.problems[:_SHOWN]:
        say(f"harvest: {file}, {line}", err=True)
    if more := found.problems[_SHOWN:]:
        say(f"harvest: {file}: {len(more):,} more lines are no links", err=True)
    if found.problems:
        sys.exit(Exit.INCOMPLETE)


@command.command(name="list")
@account
@shared
def list_(**options: Any) -> None:
    """List the links that are watched, and say where each was named."""
    settings, named = _account(options)
    stored = asyncio.run(_stored(settings, named))
    origins = {**dict.fromkeys(stored, "imported"), **dict.fromkeys(named.watch, "settings")}
    if options["as_json"]:
        told = [{"bitlink": name, "from": origin} for name, origin in origins.items()]
        say_json({"account": named.name, "watched": told})
    else:
        say(*(f"{name}  {origin}" for name, origin in origins.items()))


@command.command()
@click.argument("links", nargs=-1, required=True, metavar="LINK...")
@account
@domain
@shared
def remove(links: Sequence[str], **options: Any) -> None:
    """Watch these links no more. What was harvested of them stays."""
    settings, named = _account(options)
    names = [_named(link, options["domain"]) for link in links]
    removed = asyncio.run(_unwatch(settings, named, names))
    if options["as_json"]:
        say_json({"account": named.name, "removed": removed})
    else:
        say(f"{named.name}: {removed:,} of {len(names):,} links removed")


@command.command()
@click.argument("links", nargs=-1, required=True, metavar="LINK...")
@account
@domain
@shared
def expand(links: Sequence[str], **options: Any) -> None:
    """Tell where links lead, and their titles. One or two requests for each."""
    settings, named = _account(options)
    found = asyncio.run(_expand(settings, named, links, options["domain"]))
    if options["as_json"]:
        say_json([asdict(each) for each in found])
    else:
        for each in found:
            title = f"  {each.title}" if each.title else ""
            say(f"{each.id}  {each.long_url}{title}") if each.error is None else say(
                f"harvest: {each.given}: {each.error}", err=True
            )
    if any(each.error for each in found):
        sys.exit(Exit.INCOMPLETE)


@command.command()
@click.argument("url")
@account
@shared
def lookup(url: str, **options: Any) -> None:
    """List the account's links that lead to URL: from the database, or else from Bitly."""
    settings, named = _account(options)
    found = asyncio.run(_lookup(settings, named, url))
    if options["as_json"]:
        say_json([asdict(each) for each in found])
    else:
        say(*(f"{each.bitlink}  {each.long_url}" for each in found))
        if not found:
            say(f"harvest: no link of account {named.name} leads to {url}", err=True)


def _account(options: Mapping[str, Any]) -> tuple[Settings, Account]:
    settings = settings_from(options)
    names = (options["account"],) if options["account"] else ()
    return settings, accounts_from(settings, names)[0]


def _named(link: str, of: str | None) -> str:
    try:
        return link_id(link, of)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _text(file: str) -> str:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file} is no text in UTF-8") from None


async def _watch(settings: Settings, named: Account, names: Sequence[str]) -> int:
    async with opened(settings.database.url) as engine:
        return await watch(engine, named.name, names, SystemClock().now())


async def _unwatch(settings: Settings, named: Account, names: Sequence[str]) -> int:
    async with opened(settings.database.url) as engine:
        return await unwatch(engine, named.name, names)


async def _stored(settings: Settings, named: Account) -> list[str]:
    async with opened(settings.database.url) as engine:
        return await watched_links(engine, named.name)


async def _expand(
    settings: Settings, named: Account, links: Sequence[str], of: str | None
) -> list[Expanded]:
    async with (
        opened(settings.database.url) as engine,
        asking(named, settings, engine) as client,
    ):
        return [await expanded(client, link, of) for link in links]


async def _lookup(settings: Settings, named: Account, url: str) -> list[Leading]:
    async with opened(settings.database.url) as engine:
        found = await leading_to(engine, url, (named.name,))
        if found:
            return found
        async with asking(named, settings, engine) as client:
            groups = await known_groups(engine, (named.name,))
            guids = [group.guid for group in groups if group.is_real]
            guids = guids or [group.guid for group in await client.groups()]
            return await leading_at_bitly(client, named.name, guids, url)
