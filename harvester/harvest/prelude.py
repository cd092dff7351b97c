"""The prelude of a run: who the token belongs to, its groups, its plan and its limits.

What can stop an account is asked first, before any of its quota is spent on metrics.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from harvester.bitly.budget import api_requests
from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import FacetRefused, Forbidden, NotAuthorised, SubjectGone
from harvester.bitly.models import PlanLimit, PlatformLimit, User
from harvester.domain.errors import ConfigError
from harvester.domain.rosters import GroupDetails, OrganizationDetails
from harvester.harvest.summary import Quota


@dataclass(frozen=True, slots=True)
class Prelude:
    """What the API says of an account before any metric is asked for.

    `plan_limits` are by organization guid; an organization that refuses to tell has none.
    """

    user: User
    organizations: tuple[OrganizationDetails, ...]
    groups: tuple[GroupDetails, ...]
    plan_limits: dict[str, list[PlanLimit]]
    platform_limits: list[PlatformLimit]

    @property
    def month(self) -> PlanLimit | None:
        """The tightest monthly allowance of API requests, or None where no row speaks of it."""
        rows = [api_requests(limits) for limits in self.plan_limits.values()]
        return min(
            (row for row in rows if row), key=lambda row: row.limit - row.count, default=None
        )


async def prelude(client: BitlyClient, account: str) -> Prelude:
    """Ask what stands before a harvest of `account`: about five requests.

    Raises NotAuthorised if the token is refused (Bitly answers 403 for missing, wrong and foreign
    alike), QuotaUsedUp if the month's requests are spent, Unanswered if nobody answers.
    """
    try:
        user = await client.user()
    except Forbidden as refused:
        raise dead_token(account, refused) from refused
    organizations = await client.organizations()
    groups = await client.groups()
    plan_limits = {
        organization.guid: await _plan_limits(client, organization.guid)
        for organization in organizations
    }
    platform_limits = await client.platform_limits()
    return Prelude(user, tuple(organizations), tuple(groups), plan_limits, platform_limits)


def month_of(said: Prelude, override: int | None) -> Quota | None:
    """Return the month's requests; `override` counts more than the plan's word. None: unknown."""
    used = said.month.count if said.month else 0
    if override is not None:
        return Quota(override, used)
    return Quota(said.month.limit, used) if said.month else None


def dead_token(account: str, refused: Forbidden) -> NotAuthorised:
    """Return what to tell the user of `account` once even its own name is refused."""
    message = (
        f"Bitly refuses the token of account {account!r}: check that it is whole and still valid,"
        " or make a new one in Bitly's settings under API"
    )
    return NotAuthorised(message, refused.refusal)


async def _plan_limits(client: BitlyClient, organization_guid: str) -> list[PlanLimit]:
    """Plan limits are told to some roles only; not to know them is no reason to stop."""
    try:
        return await client.plan_limits(organization_guid)
    except (Forbidden, FacetRefused, SubjectGone):
        return []


def chosen(
    groups: Sequence[GroupDetails], *, include: Sequence[str], exclude: Sequence[str]
) -> list[GroupDetails]:
    """Return the groups to harvest; `include` and `exclude` hold guids or names.

    An empty `include` means all. Raises ConfigError if a word fits no group.
    """
    for word in (*include, *exclude):
        if not any(word in (group.guid, group.name) for group in groups):
            there = ", ".join(f"{group.name} ({group.guid})" for group in groups) or "none"
            raise ConfigError(f"no group {word!r} in this account; there are: {there}")
    return [
        group
        for group in groups
        if (not include or group.guid in include or group.name in include)
        and group.guid not in exclude
        and group.name not in exclude
    ]
