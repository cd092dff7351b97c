"""The prelude of a run: who the token belongs to, its groups, its plan and its limits.

What can stop an account is asked first, before any of its quota is spent on metrics.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from harvester.bitly.budget import api_requests
from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import (
    AccountStopped,
    BitlyError,
    FacetRefused,
    Forbidden,
    NotAuthorised,
    SubjectGone,
)
from harvester.bitly.models import PlanLimit, PlatformLimit, User
from harvester.domain.naming import named_groups
from harvester.domain.rosters import GroupDetails, OrganizationDetails


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose a token is, and what it sees."""

    user: User
    organizations: tuple[OrganizationDetails, ...]
    groups: tuple[GroupDetails, ...]


@dataclass(frozen=True, slots=True)
class Prelude:
    """What the API says of an account before any metric is asked for.

    `plan_limits` are by organization guid; an organization that refuses to tell has none.
    `month_row` is the name of the row that is known to count the month's requests, if one is.
    """

    user: User
    organizations: tuple[OrganizationDetails, ...]
    groups: tuple[GroupDetails, ...]
    plan_limits: dict[str, list[PlanLimit]]
    platform_limits: list[PlatformLimit]
    month_row: str | None = None

    @property
    def month(self) -> PlanLimit | None:
        """The tightest monthly allowance of API requests, or None where no row speaks of it."""
        return tightest(self.plan_limits, self.month_row)


async def prelude(client: BitlyClient, account: str, month_row: str | None = None) -> Prelude:
    """Ask all that stands before a harvest of `account`: about five requests.

    Raises what `identity` raises.
    """
    said = await identity(client, account)
    limits = await plan_limits(client, said.organizations)
    platform_limits = await client.platform_limits()
    return Prelude(said.user, said.organizations, said.groups, limits, platform_limits, month_row)


async def identity(client: BitlyClient, account: str) -> Identity:
    """Ask who `account` is, and which groups it has: three requests.

    Raises NotAuthorised if the token is refused (Bitly answers 403 for missing, wrong and foreign
    alike), QuotaUsedUp if the month's requests are spent, Unanswered if nobody answers.
    """
    user = await owner(client, account)
    organizations = await client.organizations()
    return Identity(user, tuple(organizations), tuple(await client.groups()))


async def owner(client: BitlyClient, account: str) -> User:
    """Ask whose the token is: the one thing that only a dead token is refused.

    Raises NotAuthorised for a dead one.
    """
    try:
        return await client.user()
    except Forbidden as refused:
        raise dead_token(account, refused) from refused


async def check_token(client: BitlyClient, account: str) -> None:
    """Find out, after a 403, if it was for the token: then it raises NotAuthorised."""
    try:
        await owner(client, account)
    except AccountStopped:
        raise
    except BitlyError:
        return  # it cannot be told now


def dead_token(account: str, refused: Forbidden) -> NotAuthorised:
    """Return what to tell the user of `account` once even its own name is refused."""
    message = (
        f"Bitly refuses the token of account {account!r}: check that it is whole and still valid,"
        " or make a new one in Bitly's settings under API"
    )
    return NotAuthorised(message, refused.refusal)


async def plan_limits(
    client: BitlyClient, organizations: Sequence[OrganizationDetails]
) -> dict[str, list[PlanLimit]]:
    """Ask for the limits of each organization's plan, by guid: a request for each.

    They are told to some roles only; not to know them is no reason to stop.
    """
    limits: dict[str, list[PlanLimit]] = {}
    for organization in organizations:
        limits[organization.guid] = []
        with suppress(Forbidden, FacetRefused, SubjectGone):
            limits[organization.guid] = await client.plan_limits(organization.guid)
    return limits


def tightest(limits: Mapping[str, list[PlanLimit]], month_row: str | None) -> PlanLimit | None:
    """Return the tightest monthly allowance of API requests; None where no row speaks of it.

    `month_row` is the name of the row that a probe found.
    """
    rows = [api_requests(each, month_row) for each in limits.values()]
    return min((row for row in rows if row), key=lambda row: row.limit - row.count, default=None)


def unknown(groups: Sequence[GroupDetails], words: Iterable[str]) -> list[str]:
    """Return the words, guids or names, that fit none of `groups`."""
    there = {group.guid for group in groups} | {group.name for group in groups}
    return [word for word in words if word not in there]


def chosen(
    groups: Sequence[GroupDetails], *, include: Sequence[str], exclude: Sequence[str]
) -> list[GroupDetails]:
    """Return the groups to harvest; `include` and `exclude` hold guids or names.

    An empty `include` means all. Raises ConfigError if a word fits no group, or several.
    """
    wanted = named_groups(groups, include) if include else groups
    left_out = named_groups(groups, exclude)
    return [group for group in groups if group in wanted and group not in left_out]
