"""What a probe tells of time: which day a reference names, which days are told. Pure."""

from datetime import datetime

from harvester.bitly.plain import Rows, Series
from harvester.domain.windows import DAY, Window
from harvester.harvest.evidence import EARLY, LATE, Evidence, Finding, Refused, because


def day_to_probe(series: Series, custom: Series | None, today: Window) -> Window | None:
    """Return the past day that tells most: over for a day, with clicks unlike its neighbours'.

    None if there is no such day with clicks.
    """
    clicks = series.clicks
    last = today.start - 2 * DAY

    def worth(start: datetime) -> tuple[bool, bool, bool, datetime]:
        around = [clicks.get(start + back * DAY, 0) for back in (-1, 1)]
        differs = len({clicks[start], *around}) == len(around) + 1
        has_custom = custom is not None and bool(custom.clicks.get(start))
        return differs, has_custom, all(around), start

    days = [start for start, count in clicks.items() if count and start <= last]
    return Window(max(days, key=worth), today.unit) if days else None


def window_rule(seen: Evidence) -> Finding:
    """Tell which day a reference names: the one it lies in, or the one that begins nearest."""
    name = "window_rule"
    if seen.day is None or not isinstance(seen.series, Series):
        return Finding(name, None, f"no past day with clicks to ask for{because(seen.series)}")
    by_clicks = tuple(_day_of(seen.clicks_at.get(at), seen) for at in (EARLY, LATE))
    by_rows = tuple(_day_of(seen.rows_at.get(at), seen) for at in (EARLY, LATE))
    if None not in by_rows and None not in by_clicks and by_rows != by_clicks:
        return Finding(name, None, f"clicks and countries of {seen.day} differ in their days")
    told = by_clicks if None not in by_clicks else by_rows
    also = "clicks and countries" if by_clicks == by_rows else "clicks"
    also = "countries" if told is by_rows and by_clicks != by_rows else also
    match told:
        case (0, 0):
            return Finding(name, "bucket", f"{also}: any instant of a day names it")
        case (0, 1):
            return Finding(name, "nearest", f"{also}: late in a day is taken for the next day")
        case (-1, 0):
            return Finding(name, "end", f"{also}: early in a day is taken for the day before")
        case _:
            days = f"{seen.day} asked for at {EARLY} and {LATE}"
            return Finding(name, None, f"{days} is found in neither it nor its neighbours alone")


def dense_or_sparse(seen: Evidence) -> Finding:
    """Tell whether a series of so many days has a row for days without clicks."""
    if not isinstance(seen.longer, Series):
        return Finding("series", None, f"no series was told{because(seen.longer)}")
    if 0 in seen.longer.clicks.values():
        return Finding("series", "dense", "days without clicks are told as 0")
    units = seen.longer.units if seen.longer.units and seen.longer.units > 0 else seen.units
    if len(seen.longer.clicks) < units:
        return Finding("series", "sparse", "days without clicks are left out")
    return Finding("series", None, "the link asked for has clicks on every day")


def history(seen: Evidence) -> Finding:
    """Tell how many days back the plan lets one look, by the `units` of an unlimited question."""
    if not isinstance(seen.series, Series) or seen.series.units is None:
        return Finding("history_days", None, f"no answer admits to it{because(seen.series)}")
    if seen.series.units < 0:
        return Finding("history_days", "unlimited", "all days are told, says units=-1")
    days = seen.series.units
    return Finding("history_days", str(days), f"units=-1 is answered with {days}, today included")


def beyond_history(seen: Evidence) -> Finding:
    """Tell what is said of days older than the plan shows."""
    name, limit = "beyond_history", history(seen).value
    if limit is None or limit == "unlimited" or not isinstance(seen.longer, Series):
        why = "no end of the history was seen" if limit else "the history is not known"
        return Finding(name, None, why)
    if int(limit) >= seen.units:
        return Finding(name, None, f"the history is {limit} days, and only {seen.units} were asked")
    if seen.longer.units is not None and 0 <= seen.longer.units < seen.units:
        units = seen.longer.units
        return Finding(name, "units", f"{seen.units} days asked for came back as units={units}")
    oldest = min(seen.longer.clicks, default=None)
    told = oldest is not None and seen.day is not None and _days_back(seen, oldest) > int(limit)
    value, how = ("zeros", "told as 0") if told else ("left out", "left out without a word")
    return Finding(name, value, f"days older than the history are {how}")


def _day_of(answer: Series | Rows | Refused | None, seen: Evidence) -> int | None:
    """Return which day an answer is of: 0 the one asked for, -1 or 1 a neighbour, None: unclear."""
    if seen.day is None or not isinstance(seen.series, Series):
        return None
    starts = {back: seen.day.start + back * DAY for back in (-1, 0, 1)}
    if isinstance(answer, Series):
        found = [back for back, start in starts.items() if start in answer.clicks]
    elif isinstance(answer, Rows):
        clicks = seen.series.clicks
        found = [back for back, at in starts.items() if clicks.get(at, 0) == answer.total]
    else:
        return None
    return found[0] if len(found) == 1 else None


def _days_back(seen: Evidence, start: datetime) -> int:
    return (seen.today.start - start) // DAY + 1
