"""Gathering the evidence of a probe: of which group, link and day, and what is asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from harvester.bitly.facets import DEFAULT
from harvester.bitly.manners import LONGEST, Reference
from harvester.bitly.plain import Rows, Series
from harvester.domain.rosters import BitlinkDetails
from harvester.domain.windows import DAY, Unit, Window, spanning
from harvester.harvest.evidence import Evidence, Listed, Refused
from harvester.harvest.plan import MOST_UNITS, SERIES
from harvester.harvest.probe_times import day_to_probe, window_rule
from harvester.harvest.questions import LARGE, Questions

LOOKED_AT: Final = 28  # days in which a link with clicks is looked for
LONGER: Final = 30  # days beyond the plan's history that are asked for
CANDIDATES: Final = 3  # groups, or links, that are looked at
BREAKDOWNS: Final = tuple(name for name in DEFAULT if name not in {SERIES, "countries"})

Told = Series | Refused | None


@dataclass(frozen=True, slots=True)
class Found:
    """A group, the most clicked of its links first, and what came of the lists asked for."""

    guid: str
    lists: Sequence[Listed | Refused]
    pages: Sequence[Listed | Refused]
    links: Sequence[BitlinkDetails]

    @property
    def size(self) -> int:
        """The size of a list that is not refused."""
        return next((each.asked for each in self.lists if isinstance(each, Listed)), LONGEST)


@dataclass(frozen=True, slots=True)
class Gathering:
    """Asks `questions` at a `today`."""

    questions: Questions
    today: Window

    async def gather(self, groups: Sequence[str]) -> tuple[str, Evidence]:
        """Return the group that was asked about, of `groups` (guids), and all that was told."""
        found = await self._found(groups)
        link, series = await self._link(found)
        own, custom = await self._custom(found, link, series)
        seen = Evidence(
            today=self.today,
            series=series,
            lists=found.lists,
            pages=found.pages,
            own=own,
            custom=custom,
        )
        if link is None or not isinstance(series, Series):
            return found.guid, seen
        seen = await self._of_link(link.id, series, seen)
        day = day_to_probe(series, custom if isinstance(custom, Series) else None, self.today)
        if day is None:
            return found.guid, seen
        return found.guid, await self._of_day(found, link.id, series, replace(seen, day=day))

    async def _found(self, groups: Sequence[str]) -> Found:
        """Look for a group with clicks, and for its links."""
        last = Window(self.today.start - 2 * DAY, Unit.DAY)
        windows = list(spanning(Window(last.start - (LOOKED_AT - 1) * DAY, Unit.DAY), last))
        guid = groups[0]
        lists, listed = await self.questions.most_clicked(guid, windows, Reference.START)
        for other in groups[1:CANDIDATES]:
            if listed is None or listed.clicks:
                break
            guid = other
            lists, listed = await self.questions.most_clicked(guid, windows, Reference.START)
        pages, links = await self.questions.page(guid)
        clicks = listed.clicks if listed else {}
        known = {link.id: link for link in (*links, *(listed.links if listed else ()))}
        order = sorted(
            known.values(),
            key=lambda link: (
                not (link.custom_ids and clicks.get(link.id)),
                -clicks.get(link.id, 0),
            ),
        )
        return Found(guid, lists, pages, order)

    async def _link(self, found: Found) -> tuple[BitlinkDetails | None, Told]:
        """Return a link and all its clicks; of the likeliest links the first that has any."""
        link: BitlinkDetails | None = None
        series: Told = None
        for link in found.links[:CANDIDATES]:
            series = await self.questions.clicks(link.id)
            if isinstance(series, Refused) or any(series.clicks.values()):
                break
        return link, series

    async def _custom(
        self, found: Found, link: BitlinkDetails | None, series: Told
    ) -> tuple[Told, Told]:
        """Return the clicks of a link, and those of its custom back-half."""
        if link is not None and link.custom_ids:
            return series, await self.questions.clicks(link.custom_ids[0])
        for other in found.links:
            if other.custom_ids:
                own = await self.questions.clicks(other.id)
                return own, await self.questions.clicks(other.custom_ids[0])
        return None, None

    async def _of_link(self, name: str, series: Series, seen: Evidence) -> Evidence:
        shown = series.units if series.units and series.units > 0 else MOST_UNITS - LONGER
        units = shown + LONGER
        return replace(seen, units=units, longer=await self.questions.clicks(name, units=units))

    async def _of_day(self, found: Found, name: str, series: Series, seen: Evidence) -> Evidence:
        """Ask of the one day, and of all that leads up to it."""
        day = seen.day or self.today
        seen = replace(
            seen,
            clicks_at=await self.questions.clicks_at(name, day),
            rows_at=await self.questions.countries_at(name, day),
        )
        is_nearest = window_rule(seen).value == "nearest"
        named = Reference.START if is_nearest else Reference.END
        windows = _until(day, series)
        breakdowns: dict[str, Sequence[tuple[int, Rows | Refused]]] = {}
        size = LARGE
        for facet in BREAKDOWNS:
            tried = await self.questions.breakdown(facet, name, windows, named, size=size)
            breakdowns[facet] = tried
            size = tried[-1][0]
        exported = await self.questions.exported(found.guid, name, day)
        same = exported == series.clicks[day.start]
        return replace(
            seen,
            spanned=sum(series.clicks.get(window.start, 0) for window in windows),
            breakdowns=breakdowns,
            group=await self.questions.group(found.guid, day, named),
            of_links=await self.questions.listed_on(found.guid, day, named, found.size),
            exports=exported if isinstance(exported, Refused) else same,
        )


def _until(day: Window, series: Series) -> list[Window]:
    """Return the days of a series up to `day`, as many as one question can span."""
    first = max(min(series.clicks), day.start - (MOST_UNITS - 1) * DAY)
    return list(spanning(Window(first, day.unit), day))
