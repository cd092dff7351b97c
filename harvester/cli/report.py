"""`harvest report`: what the clicks say, on a terminal, as JSON or CSV, or as one page."""

import asyncio
import sys
from dataclasses import fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from harvester.cli.options import settings_from, shared
from harvester.cli.output import say, say_json
from harvester.cli.pages import ON_A_PAGE, write_page
from harvester.cli.wiring import existing
from harvester.clock import SystemClock
from harvester.config import Settings
from harvester.report.choosing import Asked, chosen_from, period_from
from harvester.report.figures import Figures
from harvester.report.period import Period
from harvester.report.reading import Wanted, days_stored, figures
from harvester.report.records import as_csv, as_record
from harvester.report.terminal import console_for, show
from harvester.store.engine import opened

ON_A_TERMINAL = 10


@click.command(name="report")
@click.option("--period", metavar="PERIOD", help="7d, 30d (default), 4w, month, or 2026-10.")
@click.option("--since", metavar="WHEN", help="First day.")
@click.option("--until", metavar="WHEN", help="Last day, included; yesterday if not given.")
@click.option("--account", "accounts", multiple=True, metavar="NAME", help="Only this account.")
@click.option("--group", "groups", multiple=True, metavar="GROUP", help="Only this group.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only links with this tag.")
@click.option("--campaign", "campaigns", multiple=True, metavar="NAME", help="Only its links.")
@click.option("--link", "links", multiple=True, metavar="LINK", help="Only this link, in any form.")
@click.option("--top", type=click.IntRange(1, 10_000), help="Lines of a ranking; default: 10.")
@click.option("--csv", "as_table", is_flag=True, help="Print one CSV table.")
@click.option("--html", "file", metavar="FILE", help="Write a page to FILE; - is stdout.")
@shared
def command(**options: Any) -> None:
    """Show the clicks of a period against the one before. Reads the database only.

    Without days: the last 30 that are over. Options that can be given several times mean any of
    what they name.
    """
    if sum((options["as_json"], options["as_table"], bool(options["file"]))) > 1:
        raise click.UsageError("--json, --csv and --html: one of them")
    settings = settings_from(options, with_accounts=False)
    now = SystemClock().now()
    found = asyncio.run(_read(settings, options, now))
    if found and options["file"]:
        write_page(found, options["file"])
    elif options["as_json"]:
        say_json(as_record(found) if found else None)
    elif options["as_table"]:
        say(*as_csv(found).split("\n")[:-1] if found else ())
    elif found is None:
        say("Nothing has been harvested into this database yet.")
    else:
        show(found, console_for(sys.stdout))


async def _read(settings: Settings, options: dict[str, Any], now: datetime) -> Figures | None:
    asked = Asked(*(options[each.name] for each in fields(Asked)))
    most = options["top"] or (ON_A_PAGE if options["file"] else ON_A_TERMINAL)
    zone = ZoneInfo(settings.report.zone)
    async with opened(existing(settings.database.url)) as engine:
        stored = await days_stored(engine)
        # words that cannot be are told even if there is nothing to show
        period = period_from(asked, stored or Period(now.date(), now.date()), now)
        if stored is None:
            return None
        chosen = await chosen_from(engine, asked)
        return await figures(engine, Wanted(period, chosen, most, zone), now)
