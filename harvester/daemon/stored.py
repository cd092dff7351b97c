"""Metrics of what stands in the store."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from harvester.harvest.overview import AccountView, Overview


class Stored(Collector):
    """What stands in the store, as it was looked at last."""

    def __init__(self) -> None:
        """Have nothing to tell yet."""
        self.seen: Overview | None = None

    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand: what is told depends on what is stored."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the figures, none before the first look."""
        if self.seen is not None:
            yield _one("store_read_timestamp_seconds", "When these were read.", self.seen.at)
            yield from (*_of_groups(self.seen), *_of_accounts(self.seen))


def _of_groups(seen: Overview) -> Iterator[Metric]:
    place = ("account", "group")
    links = _family("bitlinks", "Bitlinks that are listed.", *place)
    days = _family("group_days", "Days of a group, by their worst facet.", *place, "status")
    fresh = _family("freshness_seconds", "How long ago all was known up to.", *place)
    missing = _family("windows_missing", "Windows not known.", *place, "facet", "reason")
    wrong = _family("contradictions", "Breakdowns that do not add up to clicks.", *place)
    leaving = _family("leaving_link_days", "Unknown, and beyond history in a week.", *place)
    for account in seen.accounts:
        for group in account.groups:
            where, stands = [account.name, group.standing.group_guid], group.standing
            links.add_metric(where, stands.bitlinks)
            days.add_metric([*where, "open"], stands.open_days)
            days.add_metric([*where, "complete"], stands.complete_days)
            days.add_metric([*where, "settled"], stands.settled_days)
            if group.age is not None:
                fresh.add_metric(where, group.age.total_seconds())
            wrong.add_metric(where, group.contradictions)
            leaving.add_metric(where, group.leaving)
        for each in account.missing:
            where = [account.name, each.group_guid, each.facet, each.reason]
            missing.add_metric(where, each.windows)
    yield from (links, days, fresh, missing, wrong, leaving)


def _of_accounts(seen: Overview) -> Iterator[Metric]:
    used = _family("month_requests_used", "Of the month's API requests.", "account")
    limit = _family("month_requests_limit", "The month's API requests.", "account")
    left = _family("month_requests_left", "The limit less what is used.", "account")
    success = _family(
        "last_success_timestamp_seconds", "End of the last run that got to its end.", "account"
    )
    holder = _family("lease_held", "1; who harvests the account now.", "account", "holder")
    health = _family("account_healthy", "1 unless a person should look.", "account")
    for account in seen.accounts:
        _add_account(account, used, limit, left)
        if account.succeeded_at is not None:
            success.add_metric([account.name], account.succeeded_at.timestamp())
        if account.holder:
            holder.add_metric([account.name, account.holder], 1)
        health.add_metric([account.name], account.mood.is_well)
    yield from (used, limit, left, success, holder, health)


def _add_account(
    account: AccountView,
    used: GaugeMetricFamily,
    limit: GaugeMetricFamily,
    left: GaugeMetricFamily,
) -> None:
    if (quota := account.quota) is not None:
        used.add_metric([account.name], quota.done)
        limit.add_metric([account.name], quota.total)
        left.add_metric([account.name], max(quota.total - quota.done, 0))


def _family(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"harvester_{name}", text, labels=labels)


def _one(name: str, text: str, at: datetime) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"harvester_{name}", text, value=at.timestamp())
