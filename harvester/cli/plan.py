"""`harvest plan`: what a harvest would cost, by endpoint, before it is made."""

import asyncio
import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import click

from harvester.bitly.connections import Connections
from harvester.bitly.errors import BitlyError
from harvester.cli.options import accounts_from, budget, settings_from, shared
from harvester.cli.output import say, say_json
from harvester.cli.progress import progress
from harvester.cli.wiring import Bench, job_for, run_until_stopped
from harvester.clock import SystemClock
from harvester.config import Account, Settings
from harvester.domain.errors import Exit
from harvester.domain.events import Notify
from harvester.harvest import since
from harvester.harvest.advice import FREQUENCIES, Activity, advise
from harvester.harvest.estimate import Estimate, estimate
from harvester.harvest.lease import AccountHeld
from harvester.harvest.resolution import Saving
from harvester.store.engine import opened


@click.command(name="plan")
@click.option("--since", metavar="WHEN", help="First day; where the store stands if not given.")
@click.option("--until", metavar="WHEN", help="Last day, included; today if not given.")
@click.option("--account", "accounts", multiple=True, metavar="NAME", help="Only this account.")
@budget
@shared
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:
    """Say what a harvest would send, and whether this month can afford it.

    Sends what it takes to know: the lists of bitlinks, the clicks of groups and their most clicked
    links. What it learns is kept, so that the harvest need not ask again.
    """
    settings = settings_from(options)
    accounts = accounts_from(settings, options["accounts"])
    if options["since"] is not None:
        since.days(options["since"], options["until"], SystemClock().now())
    found: list[Estimate] = []
    refusals: list[BitlyError | AccountHeld] = []

    async def main(stop: asyncio.Event) -> Exit:
        with progress(sys.stderr, SystemClock(), quiet=False) as notify:
            await _estimate(settings, accounts, options, (found, refusals), stop, notify)
        return max((error.exit_code for error in refusals), default=Exit.COMPLETE)

    code = run_until_stopped(main)
    if options["as_json"]:
        say_json(as_json(found, settings.limits.reserve_percent))
    else:
        reserve = settings.limits.reserve_percent
        say(*(line for each in found for line in lines(each, reserve)))
    for error in refusals:
        say(f"harvest: {error}", err=True)
    ctx.exit(code)


async def _estimate(
    settings: Settings,
    accounts: Iterable[Account],
    options: dict[str, Any],
    ended: tuple[list[Estimate], list[BitlyError | AccountHeld]],
    stop: asyncio.Event,
    notify: Notify,
) -> None:
    clock = SystemClock()
    connections = Connections(settings.bitly.connections)
    async with opened(settings.database.url) as engine:
        bench = Bench(engine, clock, connections, notify)
        for account in accounts:
            job = job_for(account, settings, since=options["since"], until=options["until"])
            try:
                async with bench.client(account, settings, stop) as client:
                    found = await estimate(job, client, engine, clock, stop=stop, notify=notify)
                ended[0].append(found)
            except (BitlyError, AccountHeld) as error:
                ended[1].append(error)


def as_json(found: Iterable[Estimate], reserve: int = 20) -> dict[str, object]:
    """Return the estimates as one JSON object; `advice` is by plan."""
    plans = [
        {
            **asdict(each),
            "requests": each.requests,
            "left": each.left,
            "too_many": each.too_many,
            "minutes": round(each.minutes, 1),
            "advice": [asdict(one) for one in advise(each.activity, reserve)]
            if each.activity
            else [],
        }
        for each in found
    ]
    return {"plans": plans}


def lines(found: Estimate, reserve: int = 20) -> Iterable[str]:
    """Yield an estimate as lines for a person; `reserve` per cent are left to others."""
    yield f"{found.account}: {found.days.first} to {found.days.last}"
    for endpoint, count in sorted(found.by_endpoint.items()):
        yield f"  {count:>9,}  {endpoint}"
    share = found.requests / found.exhaustive if found.exhaustive else 0
    yield f"  {found.requests:>9,}  requests to come; {share:.1%} of asking for everything"
    yield f"  {found.sent:>9,}  requests were sent to find out; what they told is kept"
    if found.left is None or found.quota is None:
        yield "  Bitly does not say how many API requests the plan holds"
    else:
        yield (
            f"  {found.left:>9,}  may still be sent this month: the plan holds"
            f" {found.quota.limit:,}, {found.reserve:,} are left to others"
        )
    if found.today is not None and found.requests > found.today:
        yield f"  {found.today:>9,}  may be sent today; all by {found.done or 'no day in sight'}"
    if found.too_many:
        yield f"  {found.too_many:>9,}  are too many for this month and have to wait for the next"
    if found.minutes >= 1:
        yield f"  about {found.minutes:,.0f} minutes at the limits of the endpoints"
    if found.off_by:
        yield f"  {found.off_by:>9,}  more or less: links that were never asked are reckoned"
    yield from coarser_lines(found.coarser)
    if found.activity is not None:
        yield from advice_lines(found.activity, reserve)


def coarser_lines(saving: Saving | None) -> Iterable[str]:
    """Yield what a coarser resolution would save of the days that leave Bitly's reach soon."""
    if saving is None or not saving.lost:
        return
    yield (
        f"  {saving.lost:>9,}  breakdowns of days leave Bitly's reach within a week and cannot be"
        " afforded before;"
    )
    yield (
        f"             --resolution adaptive keeps {saving.weeks:,} weeks and {saving.months:,}"
        f" months in their place, and {saving.lost_even_so:,} would be lost"
    )


def advice_lines(activity: Activity, reserve: int) -> Iterable[str]:
    """Yield which plan would do for an account like this, and how often."""
    yield ""
    yield f"  Which plan would do? Of its month, less {reserve} % for others, this would take:"
    yield f"  {'plan':<9}{'requests':>10}{'first harvest':>22}" + "".join(
        f"{name:>12}" for name in FREQUENCIES
    )
    for each in advise(activity, reserve):
        if not each.plan.history:
            yield f"  {each.plan.name:<9}{each.plan.requests:>10,}{'shows no metrics':>22}"
            continue
        first = f"{each.plan.history} days: {each.first:,}"
        shares = "".join(f"{_share(each.shares[name]):>12}" for name in FREQUENCIES)
        yield f"  {each.plan.name:<9}{each.plan.requests:>10,}{first:>22}{shares}"


def _share(percent: float) -> str:
    return f"{percent:,.0f} %" if percent <= 100 else f"no: {percent:,.0f} %"  # noqa: PLR2004
