"""`harvest check`: is all in place? Token, organizations, groups, plan, limits, database."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.bitly.connections import Connections
from harvester.bitly.errors import BitlyError
from harvester.bitly.facets import DEFAULT, FACETS
from harvester.cli.options import accounts_from, settings_from, shared
from harvester.cli.output import say, say_json
from harvester.cli.probe import probed_now, profile_lines
from harvester.cli.wiring import advice_for, client_for
from harvester.clock import Clock, SystemClock
from harvester.config import Account, Settings
from harvester.domain.errors import ConfigError, Exit, HarvesterError
from harvester.domain.events import ignore
from harvester.harvest.prelude import Prelude, prelude
from harvester.harvest.probing import Probed
from harvester.harvest.profile import known_profile
from harvester.harvest.quota import charged, end_rest
from harvester.report.charts import printable
from harvester.store.accounts import Stop
from harvester.store.engine import HEAD, opened, resolved_url, schema_version, visible
from harvester.store.gates import Gate, gates
from harvester.store.profiles import Fact, profile
from harvester.store.roster_state import RefusedRoster, refused_rosters


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """What the API says of one account, or the one line that says why it does not.

    `profile` is what is known of its API, `probed` what this very check has found out. `rest` says
    why and until when nothing is harvested; it is empty if nothing stands against it. `gates` are
    the facets that were refused, and are not asked for at present.
    `refused_rosters` are not asked for again before their time.
    """

    account: str
    said: Prelude | None
    error: str
    exit_code: Exit
    profile: Mapping[str, Fact] = field(default_factory=dict)
    probed: Probed | None = None
    rest: str = ""
    refused_rosters: tuple[RefusedRoster, ...] = ()
    gates: Sequence[Gate] = ()


@dataclass(frozen=True, slots=True)
class DatabaseCheck:
    """The database's URL without its password, its schema's revision, or what is wrong."""

    url: str
    schema: str | None
    newest: str
    error: str
    exit_code: Exit


@click.command(name="check")
@click.option("--account", "accounts", multiple=True, metavar="NAME", help="Only this account.")
@click.option(
    "--probe",
    is_flag=True,
    help="Find out, once, what Bitly does not document of your account: about 20 requests.",
)
@click.option("--notify", "notified", is_flag=True, help="Send a notification, to try it.")
@shared
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:
    """Check the token, the account behind it, its limits and the database. About five requests."""
    settings = settings_from(options)
    accounts = accounts_from(settings, options["accounts"])
    if options["notified"]:
        asyncio.run(_notify(settings))
    checks, database = asyncio.run(_check(settings, accounts, probe=options["probe"]))
    if options["as_json"]:
        found = {"accounts": [asdict(check) for check in checks], "database": asdict(database)}
        say_json(found)
    else:
        where = settings.file or "none; the environment and the defaults"
        say(f"configuration: {where}")
        for check in checks:
            say(*_account_lines(check))
        say(*_database_lines(database))
    codes = [check.exit_code for check in checks] + [database.exit_code]
    ctx.exit(max(codes, key=lambda code: (code is Exit.UNEXPECTED, code)))


async def _notify(settings: Settings) -> None:
    """Send a notification that says it is a test. Raises ConfigError or NotSent."""
    from harvester.daemon.news import DAEMON, News  # noqa: PLC0415 - seldom needed
    from harvester.daemon.notify import Webhook  # noqa: PLC0415

    if settings.notify.webhook is None:
        raise ConfigError("notify.webhook is not set: nobody is notified")
    webhook = Webhook(settings.notify.webhook.reveal(), SystemClock(), pauses=())
    await webhook.send(News(DAEMON, "test", "test", "this is a test: notifications arrive"))
    say("notification: sent", err=True)


async def _check(
    settings: Settings, accounts: Iterable[Account], *, probe: bool
) -> tuple[list[AccountCheck], DatabaseCheck]:
    """Check the database first: what is asked of Bitly is charged to the ledger in it."""
    asking = Asking(settings, SystemClock(), Connections(settings.bitly.connections), probe)
    database = await _check_database(settings.database.url)
    if database.error:
        return [await asking.check(account) for account in accounts], database
    async with opened(settings.database.url) as engine:
        return [await asking.check(account, engine) for account in accounts], database


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks Bitly what stands before a harvest."""

    settings: Settings
    clock: Clock
    connections: Connections
    probe: bool = False

    async def check(self, account: Account, engine: AsyncEngine | None = None) -> AccountCheck:
        """Ask about one account, at the cost of `engine`'s ledger if there is one."""
        client = client_for(
            account,
            self.settings,
            clock=self.clock,
            connections=self.connections,
            notify=ignore,
        )
        try:
            async with client:
                if engine is None:
                    said = await prelude(client, account.name)
                    return AccountCheck(account.name, said, "", Exit.COMPLETE)
                async with charged(account.name, client, engine, self.clock) as account_id:
                    return await self._known(account, client, engine, account_id)
        except BitlyError as error:
            return AccountCheck(account.name, None, str(error), error.exit_code)

    async def _known(
        self, account: Account, client: BitlyClient, engine: AsyncEngine, account_id: int
    ) -> AccountCheck:
        api, probed = await known_profile(engine, account_id), None
        said = await prelude(client, account.name, api.month_row)
        stop = await end_rest(engine, account_id, said.month, self.clock.now())
        if self.probe and stop is None:
            probed = await probed_now(account, said, client, engine, self.clock)
        facts = await profile(engine, account_id)
        refused = await refused_rosters(engine, account_id)
        code = Exit.QUOTA if stop else Exit.COMPLETE
        shut = await gates(engine, account_id, self.clock.now())
        return AccountCheck(account.name, said, "", code, facts, probed, _rest(stop), refused, shut)


def _rest(stop: Stop | None) -> str:
    if stop is None:
        return ""
    return f"nothing is harvested before {stop.until:%Y-%m-%d %H:%M} UTC: {stop.why}"


async def _check_database(url: str) -> DatabaseCheck:
    """Open the database as a harvest would, which makes it and brings its schema up to date."""
    shown = visible(resolved_url(url))
    try:
        async with opened(url) as engine:
            return DatabaseCheck(shown, await schema_version(engine), HEAD, "", Exit.COMPLETE)
    except HarvesterError as error:
        return DatabaseCheck(shown, None, HEAD, str(error), error.exit_code)


def _account_lines(check: AccountCheck) -> Iterable[str]:
    said = check.said
    if said is None:
        yield f"account {check.account}: {check.error}{advice_for(check.exit_code)}"
        return
    yield f"account {check.account}: the token is valid, it is {printable(said.user.login)}'s"
    for organization in said.organizations:
        name = printable(organization.name)
        yield f"  organization {name} ({organization.guid}), plan {organization.tier_name}"
    for group in said.groups:
        state = "" if group.is_active else ", not active"
        yield f"  group {printable(group.name)} ({group.guid}){state}"
    if said.month is None:
        yield "  month: Bitly does not say how many API requests the plan holds"
    else:
        left = max(said.month.limit - said.month.count, 0)
        yield f"  month: {left:,} of {said.month.limit:,} API requests are left"
    if check.rest:
        yield f"  {check.rest}"
    yield from _limit_lines(said)
    for refused in check.refused_rosters:
        again = f"{refused.retry_at:%Y-%m-%d}"
        yield f"  roster {refused.roster}: {refused.reason}; asked for again on {again}"
    for gate in check.gates:
        groups = "1 group" if gate.groups == 1 else f"{gate.groups} groups"
        again = f"not asked for before {gate.retry_at:%Y-%m-%d %H:%M} UTC"
        yield f"  refused: {gate.facet} of {groups}: {gate.reason}, {again}"
    yield from profile_lines(check.profile, check.probed)


def _limit_lines(said: Prelude) -> Iterable[str]:
    ours = {FACETS[name].endpoint for name in DEFAULT} | {"/groups/{group_guid}/bitlinks"}
    for limit in said.platform_limits:
        if limit.ours and limit.endpoint.removeprefix("/v4") in ours:
            used = f"{limit.count:,} of {limit.limit:,} requests an hour used"
            yield f"  limit: {limit.endpoint}: {used}"


def _database_lines(check: DatabaseCheck) -> Iterable[str]:
    if check.error:
        yield f"database {check.error}"
    else:
        yield f"database {check.url}: reachable, schema {check.schema} (the newest)"
