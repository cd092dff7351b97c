"""Metrics for Prometheus: what happens comes from events, how things stand from the store.

Names are a promise, each is explained in docs/operations.md. Units are seconds and plain counts.
"""

from collections.abc import Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric

from harvester import __version__
from harvester.daemon.stored import Stored
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
