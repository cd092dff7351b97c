"""`harvest sandbox`: the stand-in for Bitly's API as a process of its own."""

import asyncio
from datetime import timedelta
from typing import Any

import click

from harvester.cli.options import debug
from harvester.cli.wiring import run_until_stopped
from harvester.clock import SystemClock
from harvester.domain.errors import ConfigError, Exit
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import running
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import FACETS, World

SHARE = click.FloatRange(0, 1)


@click.command(name="sandbox")
@click.option(
    "--port",
    default=8088,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="0 takes any free port.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same world.")
@click.option("--groups", default=2, show_default=True, type=click.IntRange(1))
@click.option("--links", default=150, show_default=True, type=click.IntRange(0))
@click.option("--days", default=30, show_default=True, type=click.IntRange(1))
@click.option("--limits", is_flag=True, help="Hold back requests as Bitly does.")
@click.option(
    "--month",
    default=25_000,
    show_default=True,
    type=click.IntRange(0),
    help="Requests a month, if limited.",
)
@click.option(
    "--latency",
    default=0.0,
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="Answer so much later.",
)
@click.option(
    "--errors", default=0.0, type=SHARE, metavar="SHARE", help="Answer so often with 500 or 503."
)
@click.option(
    "--broken", default=0.0, type=SHARE, metavar="SHARE", help="Break so many answers, from 0 to 1."
)
@click.option(
    "--history", type=click.IntRange(1), metavar="DAYS", help="How far back the plan looks."
)
@click.option(
    "--refused",
    multiple=True,
    type=click.Choice(FACETS),
    metavar="FACET",
    help="Not in the plan: 402.",
)
@click.option("--gone", multiple=True, metavar="BITLINK", help="Taken away: 410.")
@debug
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:
    """Run a stand-in for Bitly's API on this machine, for trying things out and for tests."""
    ctx.exit(run_until_stopped(lambda stop: _serve(options, stop)))


async def _serve(options: dict[str, Any], stop: asyncio.Event) -> Exit:
    world = World(
        options["seed"],
        today=SystemClock().now().date(),
        groups=options["groups"],
        links=options["links"],
        days=options["days"],
    )
    switches = Switches(
        latency=timedelta(seconds=options["latency"]),
        error_rate=options["errors"],
        broken_rate=options["broken"],
        history=options["history"],
        refused=set(options["refused"]),
        gone=set(options["gone"]),
    )
    limits = Limits.published(options["month"]) if options["limits"] else Limits()
    try:
        async with running(world, switches=switches, limits=limits, port=options["port"]) as served:
            click.echo("A made-up Bitly account answers here. In another terminal:\n")
            click.echo(f"  export BITLY_API_URL={served.url} BITLY_TOKEN={served.token}")
            click.echo("  harvest --since 7d\n\nCtrl-C ends it.")
            await stop.wait()
    except OSError as error:
        raise ConfigError(f"port {options['port']}: {error.strerror or error}") from error
    return Exit.COMPLETE
