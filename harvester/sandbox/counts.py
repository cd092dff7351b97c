"""What the API would count: the world's truth within a span, seen at an instant."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from harvester.domain.windows import DAY, Unit, Window
from harvester.sandbox.catalogue import Rows
from harvester.sandbox.measures import added
from harvester.sandbox.spans import Span
from harvester.sandbox.traffic import overlap
from harvester.sandbox.world import World


class Counts:
    """Answers for one span at the instant `now`: nothing of later days, nothing unseen."""

    def __init__(self, world: World, span: Span, now: datetime) -> None:
        self._world, self._span, self._now = world, span, now

    def total(self, name: str) -> int:
        """Return the clicks of a name in the whole span."""
        return sum(self._of_window(name, window) for window in self._parts())

    def rows(self, name: str, facet: str) -> Rows:
        """Return the rows of a facet in the whole span, added up by labels."""
        if self._span.unit is Unit.HOUR:
            each = [self._hour_rows(name, facet, window) for window in self._span.windows()]
        else:
            days = self._days(self._span.start, self._span.end)
            each = [self._world.rows(name, facet, day) for day in days]
        return each[0] if len(each) == 1 else added(each)

    def series(self, name: str) -> list[tuple[Window, int]]:
        """Return the buckets of the span, newest first, with the clicks of a name."""
        return self._shown([(each, self._of_window(name, each)) for each in self._span.windows()])

    def group_series(self, group_guid: str, *, customs: bool = True) -> list[tuple[Window, int]]:
        """Return the buckets of the span, newest first, with the clicks of a whole group.

        Without `customs` those of custom back-halves are left out.
        """
        of = self._of_group if customs else self._of_links
        return self._shown([(each, of(group_guid, each)) for each in self._span.windows()])

    def measured(self, of_day: Callable[[date], Rows]) -> list[tuple[Window, Rows]]:
        """Return the buckets of the span, newest first, with what was counted in them."""
        windows = [*self._span.windows()][::-1]
        rows = [added(map(of_day, self._days(each.start, each.end))) for each in windows]
        found = zip(windows, rows, strict=True)
        return [each for each in found if each[1] or not self._span.sparse]

    def _shown(self, series: list[tuple[Window, int]]) -> list[tuple[Window, int]]:
        series.reverse()
        return [each for each in series if each[1]] if self._span.sparse else series

    def _parts(self) -> Iterator[Window]:
        return self._span.windows()

    def _of_window(self, name: str, window: Window) -> int:
        if window.unit is Unit.HOUR:
            start, end = self._hour(name, window)
            return end - start
        return sum(self._world.clicks(name, day) for day in self._days(window.start, window.end))

    def _of_group(self, group_guid: str, window: Window) -> int:
        if window.unit is Unit.HOUR:
            return sum(self._of_window(name, window) for name in self._world.names(group_guid))
        days = self._days(window.start, window.end)
        return sum(self._world.group_clicks(group_guid, day) for day in days)

    def _of_links(self, group_guid: str, window: Window) -> int:
        links = self._world.links(group_guid)
        return sum(self._of_window(link.id, window) for link in links)

    def _days(self, start: datetime, end: datetime) -> Iterator[date]:
        day = max(start, self._span.seen_from).date()
        last = min((end - DAY).date(), self._now.date())
        while day <= last:
            yield day
            day += timedelta(days=1)

    def _hour(self, name: str, window: Window) -> tuple[int, int]:
        """Return which clicks of its day fell into an hour: from one number up to another.

        The present hour holds all the rest of the day, so that hours add up to today's clicks.
        """
        if window.start < self._span.seen_from or window.start > self._now:
            return 0, 0
        by_hour = self._world.hours(name, window.day)
        hour = window.start.hour
        start = sum(by_hour[:hour])
        present = window.end > self._now
        return start, sum(by_hour) if present else start + by_hour[hour]

    def _hour_rows(self, name: str, facet: str, window: Window) -> Rows:
        start, end = self._hour(name, window)
        return overlap(self._world.rows(name, facet, window.day), start, end) if end > start else {}
