"""What the answers to a probe tell of an account's API. Pure: probing.py asks, this concludes.

Each finding is one thing that Bitly's documentation leaves open. What cannot be told is said as
such, with the reason, and nothing is assumed from it.
"""

from harvester.harvest import probe_sizes as sizes
from harvester.harvest import probe_times as times
from harvester.harvest.evidence import Evidence, Finding


def findings(seen: Evidence) -> list[Finding]:
    """Return what `seen` tells of series, sizes, gates and sums, in the order people read it."""
    return [
        times.window_rule(seen),
        times.dense_or_sparse(seen),
        times.history(seen),
        times.beyond_history(seen),
        sizes.facet_rows(seen),
        sizes.page_size(seen),
        sizes.sorted_size(seen),
        sizes.customs_apart(seen),
        sizes.customs_in_total(seen),
        sizes.exports(seen),
        sizes.refused(seen),
    ]
