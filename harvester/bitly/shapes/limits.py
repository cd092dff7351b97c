"""What limits accounts, and how much of it is used."""

from typing import Any

from harvester.bitly.models import Count
from harvester.bitly.shapes.base import Shape


class Usage(Shape, frozen=True, kw_only=True):
    """How much of a feature is used."""

    name: str
    description: str = ""
    count: Count = 0


class FeatureUsage(Shape, frozen=True, kw_only=True):
    """The features of a group that are counted."""

    group_guid: str
    limit_usage: tuple[Usage, ...]


class PastUsage(Shape, frozen=True, kw_only=True):
    """The use of one feature, period by period."""

    name: str
    usage: tuple[dict[str, Any], ...] = ()


class HistoricalUsage(Shape, frozen=True, kw_only=True):
    """The use of a group's features over time."""

    group_guid: str
    unit: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    historical_limit_usage: tuple[PastUsage, ...]


class Limit(Shape, frozen=True, kw_only=True):
    """A monthly limit of a plan. Which value means "unlimited" is not documented."""

    name: str
    description: str = ""
    limit: int
    count: int


class PlanLimits(Shape, frozen=True, kw_only=True):
    """The limits of an organization's plan."""

    organization_guid: str = ""
    plan_limits: tuple[Limit, ...]


class MethodLimit(Shape, frozen=True, kw_only=True):
    """How often a method may be sent in an hour, and how often it was."""

    name: str
    limit: int
    count: int = 0


class PlatformLimit(Shape, frozen=True, kw_only=True):
    """The limits of one endpoint."""

    endpoint: str
    methods: tuple[MethodLimit, ...]
