"""What a probe tells of sizes, gates and sums. Pure."""

from collections.abc import Iterable
from datetime import datetime

from harvester.bitly.manners import LONGEST, PAGE
from harvester.bitly.plain import Rows, Series
from harvester.harvest.evidence import Evidence, Finding, Listed, Refused, because


def facet_rows(seen: Evidence) -> Finding:
    """Tell how many rows a breakdown can have: the largest size taken, or where one was cut."""
    name = "facet_rows"
    sizes, told = [], {}
    for facet, attempts in seen.breakdowns.items():
        for size, answer in attempts:
            if isinstance(answer, Rows):
                sizes.append(size)
                told[facet] = answer
    if not sizes:
        return Finding(name, None, "no breakdown was told")
    taken, largest = min(sizes), max(rows.count for rows in told.values())
    clicks = seen.spanned or 0
    short = [facet for facet, rows in told.items() if rows.total < clicks]
    cut = [facet for facet in short if told[facet].count == largest < taken]
    if cut and len(cut) == len(short):
        return Finding(name, str(largest), f"{', '.join(cut)}: cut at {largest} rows of {taken}")
    few = f"; no link asked for had more than {largest}"
    return Finding(name, str(taken), f"size={taken} is taken{few if largest < taken else ''}")


def page_size(seen: Evidence) -> Finding:
    """Tell how many links a page of a roster holds."""
    taken = [page for page in seen.pages if isinstance(page, Listed)]
    if not taken:
        return Finding("page_size", None, f"no page was told{because(*seen.pages)}")
    page = taken[0]
    if page.more and page.links < page.asked:
        most = str(max(page.links, PAGE))
        return Finding("page_size", most, f"of {page.asked} asked for a page holds {page.links}")
    there = "" if page.links > PAGE else f"; the group has {page.links}"
    return Finding("page_size", str(page.asked), f"size={page.asked} is taken{there}")


def sorted_size(seen: Evidence) -> Finding:
    """Tell how many links a sorted list names at most: no more than were once seen in one."""
    taken = [each for each in seen.lists if isinstance(each, Listed)]
    if not taken:
        return Finding("sorted_size", None, f"no list was told{because(*seen.lists)}")
    most = max(each.links for each in taken)
    if most > LONGEST:
        return Finding("sorted_size", str(most), f"a list with {most} links was told")
    if len(taken) < len(seen.lists) or most == LONGEST:
        return Finding("sorted_size", str(LONGEST), f"more than {LONGEST} are not told")
    return Finding("sorted_size", None, f"only {most} links were clicked: longer lists unknown")


def customs_apart(seen: Evidence) -> Finding:
    """Tell whether a custom back-half has clicks of its own."""
    name, own, custom = "customs_apart", seen.own, seen.custom
    if not isinstance(own, Series) or not isinstance(custom, Series):
        why = because(own, custom) or ": none of the links listed has one"
        return Finding(name, None, f"no custom back-half to ask for{why}")
    if not any(custom.clicks.values()):
        return Finding(name, None, "the custom back-half asked for has no clicks")
    if _nonzero(own) == _nonzero(custom):
        return Finding(name, "no", "it has its link's clicks: sums over both count them twice")
    return Finding(name, "yes", "a custom back-half has other clicks than its link")


def customs_in_total(seen: Evidence) -> Finding:
    """Tell whether a group's clicks hold those of custom back-halves, on the day probed."""
    name, day = "customs_in_total", seen.day
    if day is None or not isinstance(seen.group, Series) or seen.of_links is None:
        return Finding(name, None, f"no total to hold against its links{because(seen.group)}")
    rest = seen.group.clicks.get(day.start, 0) - seen.of_links
    if rest < 0:
        return Finding(name, None, f"{day}: the links have {-rest} clicks more than their group")
    customs = seen.custom.clicks.get(day.start, 0) if isinstance(seen.custom, Series) else 0
    if not customs or customs_apart(seen).value != "yes":
        says = f"is {rest} above" if rest else "is"
        why = "no custom back-half with clicks then was asked for"
        return Finding(name, None, f"{day}: the total {says} the sum of its links; {why}")
    if rest == 0:
        return Finding(name, "no", f"{day}: the total is the sum of its links alone")
    if rest == customs:
        return Finding(name, "yes", f"{day}: the total is links and custom back-halves together")
    why = f"of {rest} clicks above the sum of the links, {customs} are of the back-half asked for"
    return Finding(name, None, f"{day}: {why}")


def exports(seen: Evidence) -> Finding:
    """Tell whether the clicks of many links come with one request, and are those of the links."""
    if seen.exports is None:
        return Finding("exports", None, "none was asked for")
    if isinstance(seen.exports, Refused):
        value = "no" if seen.exports.by_plan else None
        return Finding("exports", value, f"an export is not to be had{because(seen.exports)}")
    if seen.exports:
        return Finding("exports", "yes", "an export has the clicks that the link itself has")
    return Finding("exports", "differ", "an export has other clicks than the link itself")


def refused(seen: Evidence) -> Finding:
    """Tell what the plan does not include: facets, "group clicks", "sorted links", "exports"."""
    names = ", ".join(gates(seen))
    if not names and seen.series is None:
        return Finding("refused", None, "nothing was asked for")
    return Finding("refused", names or "none", "answered with 402 or 403" if names else "")


def gates(seen: Evidence) -> list[str]:
    """Return the names of what is not in the plan, as refusals are remembered by."""
    answers: dict[str, Iterable[object]] = {
        "clicks": [seen.series],
        "countries": seen.rows_at.values(),
        **{facet: [said for _, said in told] for facet, told in seen.breakdowns.items()},
        "group clicks": [seen.group],
        "sorted links": seen.lists,
        "exports": [seen.exports],
    }
    return [
        name
        for name, told in answers.items()
        if any(isinstance(answer, Refused) and answer.by_plan for answer in told)
    ]


def _nonzero(series: Series) -> dict[datetime, int]:
    return {start: clicks for start, clicks in series.clicks.items() if clicks}
