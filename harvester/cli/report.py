"""`harvest report`: clicks per day, top links, countries and referrers, on a terminal."""

import asyncio
import sys
from dataclasses import asdict
from typing import Any

import click

from harvester.cli.options import settings_from, shared
from harvester.cli.output import say, say_json
from harvester.cli.wiring import existing
from harvester.clock import SystemClock
from harvester.harvest.since import BITLY_BEGAN, days
from harvester.report.figures import Figures, days_stored, figures
from harvester.report.terminal import console_for, show
from harvester.store.engine import opened


@click.command(name="report")
@click.option("--since", metavar="WHEN", help="First day; the first stored one if not given.")
@click.option("--until", metavar="WHEN", help="Last day, included.")
@shared
def command(**options: Any) -> None:
    """Show clicks per day, top links, countries and referrers. Reads the database only."""
    settings = settings_from(options, with_accounts=False)
    found = asyncio.run(_read(settings.database.url, options["since"], options["until"]))
    if options["as_json"]:
        say_json(asdict(found) if found else None)
    elif found is None:
        say("Nothing has been harvested into this database yet.")
    else:
        show(found, console_for(sys.stdout))


async def _read(url: str, since: str | None, until: str | None) -> Figures | None:
    now = SystemClock().now()
    wanted = days(since or BITLY_BEGAN.isoformat(), until, now)
    async with opened(existing(url)) as engine:
        stored = await days_stored(engine)
        if stored is None:
            return None
        if since is None:
            wanted = days(stored[0].isoformat(), until, now)
        return await figures(engine, wanted.first, min(wanted.last, stored[1]))
