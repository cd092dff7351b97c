"""The tables. All are private: readers use the views (docs/schema.md), so these may change.

Instants are whole unix seconds, UTC: 4 bytes in SQLite where ISO text costs 25. What repeats
(windows, labels) is interned, so that a metric row is three small integers.
"""

from harvester.store.tables.accounts import (
    accounts,
    groups,
    leases,
    ledger,
    organizations,
    plan_readings,
    profiles,
    runs,
)
from harvester.store.tables.base import metadata
from harvester.store.tables.facts import (
    clicked,
    coarse,
    facets,
    labels,
    metrics,
    missing,
    snapshots,
    windows,
)
from harvester.store.tables.live import activity, notices, ticks
from harvester.store.tables.progress import group_windows, proofs, refusals, trust
from harvester.store.tables.reports import attributions, offsets
from harvester.store.tables.rosters import changes, entities, listings
from harvester.store.tables.subjects import bitlinks, subjects
from harvester.store.tables.watched import watched

__all__ = [
    "accounts",
    "activity",
    "attributions",
    "bitlinks",
    "changes",
    "clicked",
    "coarse",
    "entities",
    "facets",
    "group_windows",
    "groups",
    "labels",
    "leases",
    "ledger",
    "listings",
    "metadata",
    "metrics",
    "missing",
    "notices",
    "offsets",
    "organizations",
    "plan_readings",
    "profiles",
    "proofs",
    "refusals",
    "runs",
    "snapshots",
    "subjects",
    "ticks",
    "trust",
    "watched",
    "windows",
]
