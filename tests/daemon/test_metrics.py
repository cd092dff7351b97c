"""Metrics as Prometheus reads them: each documented, and true to the store."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.daemon.metrics import Metrics
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
from harvester.domain.snapshots import Reason
from harvester.harvest.overview import look
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import running
from harvester.sandbox.world import World
from tests.store.making import NOW
from tests.whole.running import TODAY, Harvester, StillClock, select

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
CLICKS = "/bitlinks/{bitlink}/clicks"
ENDED = RunEnded("shop", "complete", "", 4.5, 30, 2, 20, 200, 0)
HAPPENED: list[Event] = [
    Requested("shop", "a-1", CLICKS, "/bitlinks/bit.ly/a/clicks", 1, 200, 0.2, 40, 1000),
    Requested("shop", "a-2", CLICKS, "/bitlinks/bit.ly/b/clicks", 1, None, 30.0),
    Requested("shop", "a-2", CLICKS, "/bitlinks/bit.ly/b/clicks", 2, 503, 0.1, 42, 1000),
    Waiting("shop", CLICKS, 12.5, "the endpoint's limit is reached"),
    ENDED,
    TickPlanned("shop", NOW),
    TickStarted("shop", NOW, NOW, "open"),
    TickEnded("shop", NOW, "open", "complete", "", 4.5, ok=True),
    Problem("shop", Reason.QUOTA, "spent"),
    Reloaded((), (), ()),
    ReloadRefused("no token"),
    DatabaseGone(NOW, "no route"),
    Notified("it is down", ok=True),
]


def read(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """The samples of a page by name and values of labels, read by the official parser."""
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(metrics.page().decode())
        for sample in family.samples
    }


def happened() -> Metrics:
    metrics = Metrics()
    for event in HAPPENED:
        metrics.notify(event)
    return metrics


def test_events_are_counted() -> None:
    found = read(happened())
    place = ("shop", CLICKS)
    assert found["harvester_requests_total", *place, "200"] == 1
    assert found["harvester_requests_total", *place, "none"] == 1
    assert found["harvester_retries_total", *place] == 1
    assert found["harvester_request_duration_seconds_count", CLICKS] == 2
    assert found["harvester_hour_requests_used", *place] == 42
    assert found["harvester_hour_requests_left", *place] == 958
    assert found["harvester_limiter_wait_seconds_total", *place] == 12.5
    assert found["harvester_rows_written_total", "shop"] == 200
    assert found["harvester_next_run_timestamp_seconds", "shop"] == NOW.timestamp()
    assert found["harvester_run_in_progress", "shop"] == 0
    assert found["harvester_runs_total", "shop", "complete"] == 1
    assert found["harvester_run_duration_seconds_sum", "shop"] == 4.5
    assert found["harvester_problems_total", "shop", "quota"] == 1
    assert found["harvester_notifications_total", "sent"] == 1
    assert found["harvester_database_up",] == 0


def test_a_run_under_way_and_a_database_that_is_back_are_told() -> None:
    metrics = happened()
    metrics.notify(TickStarted("shop", NOW, NOW, "open"))
    metrics.notify(DatabaseBack(NOW, 5))
    found = read(metrics)
    assert found["harvester_run_in_progress", "shop"] == found["harvester_database_up",] == 1


def test_two_daemons_share_no_figures() -> None:
    happened()
    assert ("harvester_runs_total", "shop", "complete") not in read(Metrics())


async def test_figures_of_the_store_are_those_of_its_views(engine: AsyncEngine) -> None:
    clock, metrics = StillClock(), Metrics()
    world, limits = World(3, today=TODAY, links=6, days=4), Limits(per_month=5_000, used_before=70)
    async with running(world, limits=limits, clock=clock) as sandbox:
        summary = await Harvester(sandbox, engine, clock).run("3d")
    metrics.stored.seen = await look(engine, clock.now() + timedelta(hours=1))
    found = read(metrics)
    coverage = await select(
        engine,
        "SELECT group_guid, status, count(*) FROM harvest_coverage WHERE unit = 'day'"
        " GROUP BY group_guid, status",
    )
    for guid, status, days in coverage:
        assert found["harvester_group_days", "shop", guid, status] == days
    links = await select(
        engine, "SELECT group_guid, count(*) FROM bitlink_details GROUP BY group_guid"
    )
    for guid, count in links:
        assert found["harvester_bitlinks", "shop", guid] == count
        assert found["harvester_freshness_seconds", "shop", guid] == 3600
    [(ended,)] = await select(engine, "SELECT max(finished_at) FROM runs")
    assert found["harvester_last_success_timestamp_seconds", "shop"] == ended
    assert summary.quota is not None
    assert found["harvester_month_requests_limit", "shop"] == 5_000
    assert found["harvester_month_requests_used", "shop"] == summary.quota.used
    assert found["harvester_month_requests_left", "shop"] == 5_000 - summary.quota.used
    assert found["harvester_account_healthy", "shop"] == 1


async def test_every_metric_is_documented_with_its_labels_and_no_other_is(
    engine: AsyncEngine,
) -> None:
    metrics = happened()
    metrics.stored.seen = await look(engine, NOW)
    names = {
        f"{family.name}_total" if family.type == "counter" else family.name: family.type
        for family in metrics.registry.collect()
    }
    rows = re.findall(r"^\| `(harvester_\w+)` \| (\w+) \|", OPERATIONS.read_text(), re.MULTILINE)
    assert dict(rows) == names
    assert set(re.findall(r"harvester_[a-z_]+", OPERATIONS.read_text())) >= set(names)


@pytest.mark.parametrize("rule", re.findall(r"expr: (.*)", OPERATIONS.read_text()))
def test_alert_rules_name_metrics_that_exist(rule: str) -> None:
    documented = re.findall(r"^\| `(harvester_\w+)`", OPERATIONS.read_text(), re.MULTILINE)
    assert set(re.findall(r"harvester_\w+", rule)) <= set(documented)
    assert "harvester" in rule
