"""The questions of a probe, one method each: what is sent, and the answer or why there is none."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from harvester.bitly import plain
from harvester.bitly.client import BitlyClient
from harvester.bitly.errors import AccountStopped, BitlyError
from harvester.bitly.facets import FACETS, sized
from harvester.bitly.groups import SortedList, sorted_links
from harvester.bitly.manners import LONGEST, PAGE, Reference
from harvester.bitly.models import bitlinks
from harvester.bitly.plain import Rows, Series
from harvester.bitly.wire import (
    Request,
    bitlinks_request,
    group_clicks_request,
    metric_request,
    sorted_request,
)
from harvester.clock import Clock
from harvester.domain.rosters import BitlinkDetails
from harvester.domain.windows import Unit, Window, holding
from harvester.harvest.evidence import EARLY, LATE, Listed, Refused
from harvester.harvest.plan import SERIES

LARGE: Final = 1000
SIZES: Final = (LARGE, 300, 100)
ALL_TIME: Final = "-1"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Questions:
    """Asks one account's API things that a harvest would not. All raise AccountStopped only."""

    client: BitlyClient
    clock: Clock

    async def clicks(self, name: str, *, units: int | None = None) -> Series | Refused:
        """Ask for all clicks of a link, or for those of the last `units` days."""
        today = holding(self.clock.now(), Unit.DAY)
        request = metric_request(FACETS[SERIES], name, [today], self.clock.now())
        wider = request.query.replace("units=1", f"units={ALL_TIME if units is None else units}")
        return await self._told(replace(request, query=wider), plain.link_series)

    async def clicks_at(self, name: str, day: Window) -> dict[str, Series | Refused]:
        """Ask for one day's clicks of a link, naming the day by its first and its last second."""
        return {
            at: await self._told(self._at(SERIES, name, day, named), plain.link_series)
            for at, named in ((EARLY, Reference.START), (LATE, Reference.END))
        }

    async def countries_at(self, name: str, day: Window) -> dict[str, Rows | Refused]:
        """Ask for one day's countries of a link in the same two ways."""
        return {
            at: await self._told(self._at("countries", name, day, named), plain.rows)
            for at, named in ((EARLY, Reference.START), (LATE, Reference.END))
        }

    async def breakdown(
        self, facet: str, name: str, windows: Sequence[Window], named: Reference, *, size: int
    ) -> list[tuple[int, Rows | Refused]]:
        """Ask for a breakdown of a link over all `windows`: as many rows as are not refused."""
        tried: list[tuple[int, Rows | Refused]] = []
        for each in (each for each in SIZES if each <= size):
            asked = sized(FACETS[facet], each)
            request = metric_request(asked, name, windows, self.clock.now(), reference=named)
            answer = await self._told(request, plain.rows)
            tried.append((each, answer))
            if isinstance(answer, Rows) or answer.by_plan or answer.status is None:
                break
        return tried

    async def page(self, guid: str) -> tuple[list[Listed | Refused], list[BitlinkDetails]]:
        """Ask for a large page of a group's links, and for a usual one if that is refused."""
        tried: list[Listed | Refused] = []
        for size in (LARGE, PAGE):
            answer = await self._told(bitlinks_request(guid, "", size=size), bitlinks)
            if not isinstance(answer, Refused):
                links, cursor = answer
                return [*tried, Listed(size, len(links), more=bool(cursor))], links
            tried.append(answer)
        return tried, []

    async def most_clicked(
        self, guid: str, windows: Sequence[Window], named: Reference
    ) -> tuple[list[Listed | Refused], SortedList | None]:
        """Ask for a long list of a group's clicked links, and for a usual one if it is refused."""
        tried: list[Listed | Refused] = []
        now = self.clock.now()
        for size in (LARGE, LONGEST):
            request = sorted_request(guid, windows, now, size=size, reference=named)
            answer = await self._told(request, sorted_links)
            if not isinstance(answer, Refused):
                return [*tried, Listed(size, len(answer.clicks))], answer
            tried.append(answer)
            if answer.by_plan:
                break
        return tried, None

    async def group(self, guid: str, day: Window, named: Reference) -> Series | Refused:
        """Ask for a group's clicks on a day."""
        request = group_clicks_request(guid, [day], self.clock.now(), reference=named)
        return await self._told(request, plain.group_series)

    async def listed_on(self, guid: str, day: Window, named: Reference, size: int) -> int | None:
        """Ask for the clicks of all links of a group on a day; None if no list names them all."""
        request = sorted_request(guid, [day], self.clock.now(), size=size, reference=named)
        answer = await self._told(request, lambda told: sorted_links(told, size=size))
        if isinstance(answer, Refused) or answer.full:
            return None
        return sum(answer.clicks.values())

    async def exported(self, guid: str, name: str, day: Window) -> int | Refused | None:
        """Ask for an export of one link's clicks on a day; None if it does not name the link."""
        answer = await _settled(lambda: self.client.link_engagements(guid, [name], day))
        return answer if isinstance(answer, Refused) else answer.clicks.get(name)

    def _at(self, facet: str, name: str, day: Window, named: Reference) -> Request:
        now = self.clock.now()
        return metric_request(FACETS[facet], name, [day], now, reference=named)

    async def _told(self, request: Request, parse: Callable[[object], T]) -> T | Refused:
        return await _settled(lambda: self.client.answer(request, parse))


async def _settled(ask: Callable[[], Awaitable[T]]) -> T | Refused:
    """Return what was told, or why nothing was. Raises AccountStopped."""
    try:
        return await ask()
    except AccountStopped:
        raise
    except BitlyError as error:
        return Refused(error.status, str(error)[:120])
