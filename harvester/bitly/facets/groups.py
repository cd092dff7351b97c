"""The facets of groups and organizations.

Source: dev.bitly.com/api-reference, "Groups" and "Organizations". No recorded answer of a group's
clicks is known: the form of `ts` is not documented, so a date and unix seconds are both taken.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Final

import msgspec

from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.facets.answers import (
    COUNTRIES_SIZE,
    MOST_ROWS,
    SIZE,
    Answer,
    Answered,
    Facet,
    added,
    metrics,
    rows,
    series,
)
from harvester.bitly.facets.shapes import Cities, Devices, Metrics, Values
from harvester.bitly.manners import LONGEST
from harvester.bitly.models import Count, instant, shaped
from harvester.domain.subjects import bitlink_id
from harvester.domain.windows import Unit, Window

GROUP_CLICKS: Final = "/groups/{group_guid}/clicks"
SORTED: Final = "/groups/{group_guid}/bitlinks/{sort}"


class _Count(msgspec.Struct):
    ts: str | int
    count: Count


class _Counts(Answered, kw_only=True):
    data: Annotated[list[_Count], MOST_ROWS]


class _SortedLink(msgspec.Struct):
    id: str
    clicks: Count


class SortedLinks(Answered, kw_only=True):
    """The most clicked links of a group."""

    sorted_links: Annotated[list[_SortedLink], MOST_ROWS]

    @property
    def ranked(self) -> Mapping[str, int]:
        """The clicks by id, in the order of the list. Raises UnexpectedShape."""
        clicks: dict[str, int] = {}
        for each in self.sorted_links:
            try:
                name = bitlink_id(each.id)
            except ValueError as error:
                raise UnexpectedShape(str(error)[:200]) from None
            if clicks.setdefault(name, each.clicks) != each.clicks:
                raise UnexpectedShape(f"two different counts for {name[:100]}")
        return clicks


def group_clicks(json_value: object, windows: Sequence[Window]) -> Answer:
    """Return the group's clicks in each of the adjacent `windows` asked for, oldest first.

    Raises UnexpectedShape rather than return a zero that was not said.
    """
    answer = shaped(json_value, _Counts)
    return series(answer, [(start(each.ts), each.count) for each in answer.data], windows)


def start(ts: str | int) -> datetime:
    """Return when a bucket begins, in either form. Raises UnexpectedShape."""
    if isinstance(ts, str):
        return instant(ts)
    try:
        return datetime.fromtimestamp(ts, UTC)
    except (ValueError, OverflowError, OSError):
        raise UnexpectedShape(f"not an instant: {ts}") from None


def _ranking(json_value: object, windows: Sequence[Window], *, size: int) -> Answer:
    """Read the most clicked links as rows; that there are no more than `size` is what they are."""
    answer = shaped(json_value, SortedLinks)
    first = list(answer.ranked.items())[:size]
    return rows(answer, [((name,), clicks) for name, clicks in first], windows, cut=False)


def _shorten_counts(json_value: object, windows: Sequence[Window]) -> Answer:
    answer = shaped(json_value, Metrics)
    return series(answer, [(instant(each.key), each.value) for each in answer.metrics], windows)


def _by_group(json_value: object, windows: Sequence[Window]) -> Answer:
    """Read the counts of the present month by group, whatever span the answer calls it."""
    answer = shaped(json_value, Metrics)
    return Answer((added([(each.labels, each.count) for each in answer.metrics], windows[-1]),))


def _labelled(
    name: str,
    *columns: str,
    shape: type[Any] = Values,
    size: int = SIZE,
    gated: bool = False,
) -> Facet:
    return Facet(
        name=f"group_{name}",
        endpoint=f"/groups/{{group_guid}}/{name}",
        columns=columns,
        series=False,
        size=size,
        parse=partial(metrics, shape=shape, size=size),
        gated=gated,
    )


def _shortened(kind: str, guid: str) -> Facet:
    return Facet(
        name=f"{kind}_shorten_counts",
        endpoint=f"/{kind}s/{{{guid}}}/shorten_counts",
        columns=(),
        series=True,
        size=None,
        parse=_shorten_counts,
        counts="links",
    )


GROUPS: Final = (
    Facet("group_clicks", GROUP_CLICKS, (), series=True, size=None, parse=group_clicks, gated=True),
    _labelled("countries", "country", size=COUNTRIES_SIZE),
    _labelled("cities", "city", "subregion", "region", "country", shape=Cities, gated=True),
    _labelled("devices", "device_type", shape=Devices, gated=True),
    _labelled("referrers", "referrer"),
    _labelled("referring_networks", "network"),
    Facet(
        "group_top_bitlinks",
        SORTED,
        ("bitlink",),
        series=False,
        size=LONGEST,
        parse=partial(_ranking, size=LONGEST),
    ),
    _shortened("group", "group_guid"),
)

ORGANIZATIONS: Final = (
    _shortened("organization", "organization_guid"),
    Facet(
        "organization_shorten_counts_by_group",
        "/organizations/{organization_guid}/shorten_counts_by_group",
        ("group_guid",),
        series=False,
        size=None,
        parse=_by_group,
        counts="links",
        unit=Unit.MONTH,
        bare=True,
    ),
)
