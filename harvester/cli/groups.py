"""`harvest groups`: names, guids and freshness of all groups, read from the database."""

import asyncio
import sys
from dataclasses import asdict
from typing import Any

import click
from rich.table import Table

from harvester.cli.options import settings_from, shared
from harvester.cli.output import say, say_json
from harvester.cli.wiring import existing
from harvester.report.charts import clean
from harvester.report.terminal import console_for
from harvester.store.engine import opened
from harvester.store.instants import instant
from harvester.store.known_groups import KnownGroup, known_groups


@click.command(name="groups")
@click.option("--account", "accounts", multiple=True, metavar="NAME", help="Only this account.")
@shared
def command(**options: Any) -> None:
    """List the groups that were harvested: names, guids, links, and how fresh they are.

    Wherever a group is named its name does as well as its guid. Reads the database only.
    """
    settings = settings_from(options, with_accounts=False)
    groups = asyncio.run(_read(settings.database.url, options["accounts"]))
    if options["as_json"]:
        say_json([{**asdict(each), "listed_at": _listed(each)} for each in groups])
    elif groups:
        _show(groups)
    else:
        say("No group is known yet: harvest first.")


async def _read(url: str, accounts: tuple[str, ...]) -> list[KnownGroup]:
    async with opened(existing(url)) as engine:
        return await known_groups(engine, accounts)


def _listed(group: KnownGroup) -> str | None:
    if group.listed_at is None:
        return None
    return instant(group.listed_at).isoformat().replace("+00:00", "Z")


def _show(groups: list[KnownGroup]) -> None:
    table = Table(box=None, pad_edge=False)
    for head in ("account", "group", "guid", "organization"):
        table.add_column(head, overflow="fold")
    table.add_column("links", justify="right")
    for head in ("listed", "complete to"):
        table.add_column(head)
    for each in groups:
        listed = (_listed(each) or "never").replace("T", " ").removesuffix("Z")
        name = each.name if each.is_active else f"{each.name} (inactive)"
        words = (each.account, name, each.guid, each.organization or each.organization_guid)
        table.add_row(*map(clean, words), f"{each.links:,}", listed, each.through or "-")
    console_for(sys.stdout).print(table)
