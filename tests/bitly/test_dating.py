"""Which day a reference names is settled by answers that bear dates."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from harvester.bitly.dating import dated
from harvester.bitly.errors import OtherWindow
from harvester.bitly.facets import Answer
from harvester.bitly.manners import Manners, Reference
from harvester.domain.snapshots import Reading
from harvester.domain.windows import Window, day_window

TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAYS = [day_window(TODAY - timedelta(days=back)) for back in (2, 1, 0)]
OPEN = replace(Manners(), settled=False)


class Api:
    """Answers what is asked, or that it is another window: by the reference it understands."""

    def __init__(self, *understood: Reference) -> None:
        self.understood = understood
        self.asked: list[tuple[int, Reference]] = []

    async def ask(self, windows: Sequence[Window], named: Reference) -> Answer:
        self.asked.append((len(windows), named))
        if named not in self.understood:
            raise OtherWindow("another day")
        return Answer(tuple(Reading(window, 1) for window in windows))


async def test_a_series_into_the_present_is_asked_in_two_parts_until_it_is_settled() -> None:
    api = Api(Reference.END)
    answer, shown = await dated(api.ask, DAYS, NOON, OPEN)
    assert [reading.window for reading in answer.readings] == DAYS
    assert shown == Manners()
    assert api.asked == [(2, Reference.END), (1, Reference.END)]
    await dated(api.ask, DAYS, NOON, shown)
    assert api.asked[2:] == [(3, Reference.END)]


async def test_where_a_days_end_is_the_next_day_its_first_second_names_it() -> None:
    api = Api(Reference.START)
    answer, shown = await dated(api.ask, DAYS, NOON, OPEN)
    assert [reading.window for reading in answer.readings] == DAYS
    assert shown == Manners(reference=Reference.START)


async def test_what_no_reference_brings_is_an_error_and_settles_nothing() -> None:
    with pytest.raises(OtherWindow):
        await dated(Api().ask, DAYS, NOON, OPEN)


async def test_the_present_day_alone_settles_nothing() -> None:
    api = Api(Reference.END)
    assert (await dated(api.ask, DAYS[2:], NOON, OPEN))[1] == OPEN
    assert api.asked == [(1, Reference.END)]
