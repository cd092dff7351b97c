"""`harvest check --probe`: what it costs, said before it is sent, and what it found."""

from collections.abc import Iterable, Mapping

from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.client import BitlyClient
from harvester.cli.output import say
from harvester.clock import Clock
from harvester.config import Account
from harvester.domain.events import Event, Waiting
from harvester.harvest.prelude import Prelude, chosen
from harvester.harvest.probing import AT_MOST_MORE, REQUESTS, Probe, Probed
from harvester.harvest.profile import PROBE, save_probed
from harvester.store.entries import save_entry
from harvester.store.profiles import Fact


async def probed_now(
    account: Account, said: Prelude, client: BitlyClient, engine: AsyncEngine, clock: Clock
) -> Probed | None:
    """Probe an account and keep what is found; None, with a line that says why, if it cannot be.

    Raises BitlyError, ConfigError, StoreError.
    """
    groups = chosen(said.groups, include=account.include_groups, exclude=account.exclude_groups)
    left = None if said.month is None else said.month.limit - said.month.count
    if not groups or (left is not None and left < REQUESTS + AT_MOST_MORE):
        why = f"only {left} requests of the month are left" if groups else "it has no group"
        say(f"harvest: account {account.name} is not probed: {why}", err=True)
        return None
    say(
        f"harvest: account {account.name}: the probe sends {REQUESTS} requests, at most"
        f" {AT_MOST_MORE} more where some are refused, and takes about two minutes",
        err=True,
    )
    guids = [group.guid for group in groups]
    probed = await Probe(account.name, said, guids, client, clock, _tell).probe()
    known = await save_entry(
        engine, account.name, said.user.login, said.organizations, said.groups, clock.now()
    )
    keys = {guid: known.keys[guid] for guid in guids}
    await save_probed(engine, known.account_id, keys, probed, clock)
    return probed


def _tell(event: Event) -> None:
    if isinstance(event, Waiting):
        say(f"harvest: waiting {event.seconds:,.0f} s {event.why}", err=True)


def profile_lines(known: Mapping[str, Fact], probed: Probed | None) -> Iterable[str]:
    """Yield what is known of an account's API, and what a probe could not tell."""
    if probed is not None:
        yield f"  probe: {probed.requests} requests were sent"
    for name, fact in sorted(known.items()):
        how = f"{fact.detail}; {fact.source}, {fact.seen_at:%Y-%m-%d}".removeprefix("; ")
        yield f"  api: {name} = {fact.value} ({how})"
    for finding in probed.findings if probed else ():
        if finding.value is None:
            yield f"  api: {finding.name} could not be told: {finding.detail}"
    if not any(fact.source == PROBE for fact in known.values()):
        yield "  api: not probed yet: `harvest check --probe` finds out what is not documented"
