"""Finding out by answers that bear dates how a question has to name its last window.

Lists and breakdowns bear no dates: if Bitly took the end of a day for the next day, as an old
document of v3 has it, they would tell of another day than was asked for, and nobody could see it.
A series has a date in each row. So until it is settled, a series that reaches into the present is
asked in two parts, and the one that is over tells.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from harvester.bitly.errors import OtherWindow
from harvester.bitly.facets import Answer
from harvester.bitly.manners import Manners, Reference
from harvester.domain.windows import Window

Ask = Callable[[Sequence[Window], Reference], Awaitable[Answer]]


async def dated(
    ask: Ask, windows: Sequence[Window], now: datetime, manners: Manners
) -> tuple[Answer, Manners]:
    """Return a series over adjacent `windows`, oldest first, and what it shows of the manners.

    Raises what `ask` raises: OtherWindow if no way to name the last window brings it.
    """
    over = [window for window in windows if window.end <= now]
    if manners.settled or not over:
        return await ask(windows, manners.reference), manners
    try:
        first = await ask(over, manners.reference)
    except OtherWindow:
        if manners.reference is Reference.START:
            raise
        manners = replace(manners, reference=Reference.START)
        first = await ask(over, manners.reference)
    manners = replace(manners, settled=True)
    rest = windows[len(over) :]
    if not rest:
        return first, manners
    last = await ask(rest, manners.reference)
    return Answer(first.readings + last.readings, first.beyond + last.beyond), manners
