"""Clicks out of a seed: nothing is stored, every count is computed from (seed, name, day).

Counts are heavy-tailed: most bitlinks have a click on some days, a few have thousands each day.
"""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate, pairwise
from math import log

from harvester.sandbox.catalogue import Labels, Rows

HOURS = 24
_MASK = (1 << 64) - 1
_SILENT = 0.15  # the share of subjects that never had a click


@lru_cache(maxsize=20_000)
def key(seed: int, text: str) -> int:
    """Return 64 bits that stand for `text` in the world of `seed`."""
    data = f"{seed}|{text}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest())


def mixed(number: int) -> int:
    """Return the next 64 bits after `number`: the splitmix64 step."""
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


def clicks_on(subject: int, ordinal: int) -> int:
    """Return the clicks of the subject with this key on the day of this proleptic ordinal."""
    rank = (subject >> 11) / (1 << 53)
    if rank < _SILENT:
        return 0
    dice = mixed(subject ^ ordinal)
    popularity = 0.3 * (1 - rank) ** -1.2
    weekend = 0.6 if ordinal % 7 in {6, 0} else 1.0
    luck = -log(1 - (dice >> 11) / (1 << 53))
    return int(popularity * weekend * luck + (dice & 0x7FF) / 0x800)


def split(clicks: int, dice: int, labels: Sequence[Labels]) -> Rows:
    """Return `clicks` shared out over some of `labels`, the first ones likelier; adds up to it."""
    rows: Rows = {}
    left = clicks
    shares = 3 + clicks.bit_length() ** 2 // 3  # many clicks know many labels
    while left:
        dice = mixed(dice)
        shares -= 1
        share = left if shares == 0 else 1 + ((left - 1) * (dice & 0xFF) >> 9)
        label = labels[((dice >> 8 & 0xFFFF) ** 2 * len(labels)) >> 32]
        rows[label] = rows.get(label, 0) + share
        left -= share
    return rows


def hourly(clicks: int, dice: int) -> tuple[int, ...]:
    """Return `clicks` of a day spread over its 24 hours; adds up to it."""
    weights = [1 + (mixed(dice + hour) & 0xFF) for hour in range(HOURS)]
    marks = [clicks * upto // sum(weights) for upto in accumulate(weights, initial=0)]
    return tuple(end - start for start, end in pairwise(marks))


def overlap(rows: Rows, start: int, end: int) -> Rows:
    """Return what of `rows`, laid end to end, falls on the clicks `start` to `end` of the day.

    So an hour has rows of its own, which add up to its clicks, and the hours' to the day's rows.
    """
    part: Rows = {}
    at = 0
    for labels, clicks in rows.items():
        within = min(at + clicks, end) - max(at, start)
        if within > 0:
            part[labels] = within
        at += clicks
    return part
