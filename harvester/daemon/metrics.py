"""Metrics for Prometheus: what happens comes from events, how things stand from the store.

Names are a promise, each is explained in docs/operations.md. Units are seconds and plain counts.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from harvester import __version__
from harvester.domain.events import (
    DatabaseBack,
    DatabaseGone,
    Event,
    Notified,
    Problem,
    Reloaded,
    ReloadRefused,
    Requested,
    RunEnded,
    TickEnded,
    TickPlanned,
    TickStarted,
    Waiting,
)
from harvester.harvest.overview import AccountView, Overview

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_CREATED: Final = "_created"
ANSWERED_WITHIN: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
RUN_WITHIN: Final = (5, 30, 60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600)


class Metrics:
    """The metrics of one daemon, in a registry of their own."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.registry = CollectorRegistry()
        self._notifications = self._counter(
            "notifications", "Notifications by result: sent or failed.", "result"
        )
        self._requests = self._counter(
            "requests",
            "Attempts to ask Bitly, by HTTP status; none: no answer came.",
            *("account", "endpoint", "status"),
        )
        self._retries = self._counter(
            "retries", "Attempts after the first of a request.", "account", "endpoint"
        )
        self._answered = Histogram(
            "harvester_request_duration_seconds",
            "From sending a request to its answer's last byte.",
            ["endpoint"],
            buckets=ANSWERED_WITHIN,
            registry=self.registry,
        )
        self._waits = self._counter(
            "limiter_waits", "Waits of two seconds or more for a limit.", "account", "endpoint"
        )
        self._waited = self._counter(
            "limiter_wait_seconds", "Seconds of these waits.", "account", "endpoint"
        )
        self._hour = self._gauge(
            "hour_requests_used",
            "Requests of the last hour, as of the last one sent.",
            *("account", "endpoint"),
        )
        self._hour_limit = self._gauge(
            "hour_requests_limit", "Requests an hour that Bitly allows.", "account", "endpoint"
        )
        self._hour_left = self._gauge(
            "hour_requests_left", "The limit less what is used.", "account", "endpoint"
        )
        self._runs = self._counter(
            "runs", "Runs of the schedule that have ended, by outcome.", "account", "outcome"
        )
        self._lasted = Histogram(
            "harvester_run_duration_seconds",
            "How long runs took.",
            ["account"],
            buckets=RUN_WITHIN,
            registry=self.registry,
        )
        self._running = self._gauge("run_in_progress", "1 while a run is under way.", "account")
        self._next = self._gauge(
            "next_run_timestamp_seconds", "When the next run is planned.", "account"
        )
        self._snapshots = self._counter("snapshots_written", "New snapshots.", "account")
        self._rows = self._counter("rows_written", "Rows of new snapshots.", "account")
        self._problems = self._counter(
            "problems", "Problems that a person was told of.", "account", "reason"
        )
        self._reloads = self._counter("reloads", "Settings read anew: taken or refused.", "result")
        self._database = self._gauge("database_up", "1 unless the database failed last.")
        self._database.set(1)
        self._gauge("build_info", "1; which version runs.", "version").labels(__version__).set(1)
        self.stored = Stored()
        self.registry.register(self.stored)

    def notify(self, event: Event) -> None:
        """Count `event`."""
        match event:
            case Requested():
                self._sent(event)
            case Waiting(account, endpoint, seconds):
                self._waits.labels(account, endpoint).inc()
                self._waited.labels(account, endpoint).inc(seconds)
            case RunEnded(account):
                self._snapshots.labels(account).inc(event.snapshots)
                self._rows.labels(account).inc(event.rows)
            case TickPlanned(account, at):
                self._next.labels(account).set(at.timestamp())
            case TickStarted(account):
                self._running.labels(account).set(1)
            case TickEnded(account):
                self._running.labels(account).set(0)
                self._runs.labels(account, event.outcome).inc()
                self._lasted.labels(account).observe(event.seconds)
            case Problem(account, reason):
                self._problems.labels(account, reason.value).inc()
            case _:
                self._of_daemon(event)

    def page(self) -> bytes:
        """Return all metrics as Prometheus reads them, without when each began to be counted."""
        return generate_latest(self)

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of the page."""
        for family in self.registry.collect():
            family.samples = [each for each in family.samples if not each.name.endswith(_CREATED)]
            yield family

    def _of_daemon(self, event: Event) -> None:
        match event:
            case Reloaded():
                self._reloads.labels("taken").inc()
            case ReloadRefused():
                self._reloads.labels("refused").inc()
            case Notified():
                self._notifications.labels("sent" if event.ok else "failed").inc()
            case DatabaseGone():
                self._database.set(0)
            case DatabaseBack():
                self._database.set(1)
            case _:
                pass

    def _sent(self, event: Requested) -> None:
        status = "none" if event.status is None else str(event.status)
        self._requests.labels(event.account, event.endpoint, status).inc()
        if event.attempt > 1:
            self._retries.labels(event.account, event.endpoint).inc()
        if event.status is not None:
            self._answered.labels(event.endpoint).observe(event.seconds)
        if event.hour_used is not None and event.hour_limit is not None:
            where = (event.account, event.endpoint)
            self._hour.labels(*where).set(event.hour_used)
            self._hour_limit.labels(*where).set(event.hour_limit)
            self._hour_left.labels(*where).set(max(event.hour_limit - event.hour_used, 0))

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"harvester_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"harvester_{name}", text, labels, registry=self.registry)


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
