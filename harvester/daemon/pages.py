"""The status page: an overview as HTML. Pure; whatever came from outside is escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from harvester import __version__
from harvester.harvest.overview import SHORT, AccountView, Gauge, Mood, Overview, span, when
from harvester.store.live import RecentRun

REFRESH: Final = 10  # seconds
BADGES: Final = {
    Mood.GOOD: "✓ well",
    Mood.BUSY: "▶ running",
    Mood.ATTENTION: "! look here",
    Mood.BAD: "✗ stopped",
}


def page(seen: Overview, *, links: Iterable[str] = (), refresh: bool = True) -> str:
    """Return the page that shows `seen`; `links` are paths of further pages.

    With `refresh` it loads itself anew every ten seconds: some readers cannot read in that time.
    """
    ill = [account.name for account in seen.accounts if not account.mood.is_well]
    worst = Mood.ATTENTION if ill else Mood.GOOD
    said = f"to look at: {len(ill)} of {len(seen.accounts)} accounts" if ill else "all is well"
    if not seen.accounts:
        said, worst = "nothing has been harvested yet", Mood.ATTENTION
    cards = "".join(_card(account, seen) for account in sorted(seen.accounts, key=_by_mood))
    head = (
        f'<h1>harvester</h1><p class="all {worst}"><span class="badge">{said}</span></p>'
        f"<p>{seen.at:%Y-%m-%d %H:%M:%S} UTC · {_refreshing(refresh)}</p>"
    )
    return _document(
        head, f'<div class="cards">{cards}</div>{_runs(seen)}', links=links, refresh=refresh
    )


def trouble(line: str) -> str:
    """Return the page that says in one line why nothing can be shown."""
    body = (
        f'<section class="card plain bad"><ul class="notes"><li>{_text(line)}</li></ul></section>'
    )
    return _document("<h1>harvester</h1>", body, links=(), refresh=True)


def _document(head: str, body: str, *, links: Iterable[str], refresh: bool) -> str:
    again = f'<meta http-equiv="refresh" content="{REFRESH}">' if refresh else ""
    further = " · ".join(
        f'<a href="{escape(path)}">{escape(path)}</a>' for path in (*links, "/metrics", "/readyz")
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{again}<title>harvester</title>"
        '<link rel="stylesheet" href="/status.css"><link rel="icon" href="data:,">'
        f"</head><body><header>{head}</header><main>{body}</main>"
        f"<footer><p>harvester {__version__} · {further}</p></footer></body></html>"
    )


def _by_mood(account: AccountView) -> int:
    """Put first what a person should look at."""
    return -list(Mood).index(account.mood)


def _refreshing(refresh: bool) -> str:  # noqa: FBT001 - which of two texts
    if refresh:
        return f'every {REFRESH} s (<a href="/?still">stop</a>)'
    return 'standing still (<a href="/">go on</a>)'


def _card(account: AccountView, seen: Overview) -> str:
    progress = account.progress
    return (
        f'<section class="card {account.mood}"><div class="title"><h2>{_text(account.name)}</h2>'
        f'<span class="badge">{BADGES[account.mood]}</span></div>'
        f'<p class="doing">{_text(account.doing)}</p>'
        f"{_bar(progress, 'requests') if progress else ''}"
        f"<dl>{_facts(account, seen)}</dl>"
        f"{_list(account.notes)}"
        f"{_missing(account)}{_groups(account)}</section>"
    )


def _facts(account: AccountView, seen: Overview) -> str:
    age = "-" if account.age is None else f"{span(account.age)} old"
    facts = [
        ("Known", age),
        ("Last success", when(account.succeeded_at, seen.at)),
        ("Next run", when(account.next_at, seen.at)),
    ]
    shown = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    if (quota := account.quota) is None:
        return shown
    left = max(quota.total - quota.done, 0)
    return (
        f'{shown}<div class="wide"><dt>Requests of the month</dt><dd>'
        f"{_bar(quota, f'used, {left:,} left', is_short=quota.share >= SHORT)}</dd></div>"
    )


def _bar(gauge: Gauge, what: str, *, is_short: bool = False) -> str:
    said = f"{gauge.done:,} of {gauge.total:,} {what} ({gauge.share:.0%})"
    kind = ' class="short"' if is_short else ""
    return (
        f'<progress{kind} max="{gauge.total}" value="{min(gauge.done, gauge.total)}"'
        f' aria-label="{said}"></progress><small>{said}</small>'
    )


def _missing(account: AccountView) -> str:
    if not account.missing:
        return ""
    total = sum(each.windows for each in account.missing)
    rows = [
        (
            each.group_guid,
            each.facet,
            each.reason,
            f"{each.windows:,}",
            each.first if each.first == each.last else f"{each.first} to {each.last}",
        )
        for each in account.missing
    ]
    names = ("group", "facet", "why", "windows", "days")
    said = f"{total:,} windows missing"
    return _details(said, _table(names, rows, numbers={3}), is_open=not account.mood.is_well)


def _groups(account: AccountView) -> str:
    if not account.groups:
        return ""
    rows = [
        (
            group.standing.name or group.standing.group_guid,
            f"{group.standing.bitlinks:,}",
            "-" if group.age is None else span(group.age),
            group.standing.settled_through or "-",
            f"{group.standing.complete_days + group.standing.settled_days:,}",
            f"{group.standing.open_days:,}",
            f"{group.standing.missing:,}",
        )
        for group in account.groups
    ]
    names = ("group", "bitlinks", "known", "settled through", "days", "open", "missing")
    said = "1 group" if len(rows) == 1 else f"{len(rows):,} groups"
    return _details(said, _table(names, rows, numbers={1, 4, 5, 6}))


def _runs(seen: Overview) -> str:
    if not seen.runs:
        return ""
    names = ("account", "began", "took", "outcome", "requests", "rows", "missing", "why")
    table = _table(names, [_run(run, seen) for run in seen.runs], numbers={4, 5, 6}, long=7)
    return f'<section class="card plain"><h2>Last runs</h2>{table}</section>'


def _run(run: RecentRun, seen: Overview) -> tuple[str, ...]:
    counts = (run.requests, run.rows, run.missing)
    return (
        run.account,
        when(run.started_at, seen.at),
        span(run.finished_at - run.started_at) if run.finished_at else "-",
        seen.ended(run),
        *("-" if count is None else f"{count:,}" for count in counts),
        run.detail or "",
    )


def _list(lines: Sequence[str]) -> str:
    items = "".join(f"<li>{_text(line)}</li>" for line in lines)
    return f'<ul class="notes">{items}</ul>' if items else ""


def _details(summary: str, body: str, *, is_open: bool = False) -> str:
    state = " open" if is_open else ""
    return f"<details{state}><summary>{_text(summary)}</summary>{body}</details>"


def _table(
    names: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: set[int],
    long: int | None = None,
) -> str:
    kinds = [
        "long" if at == long else "number" if at in numbers else "" for at in range(len(names))
    ]
    kinds[0] = "first"

    def row(cells: Sequence[str], tag: str) -> str:
        made = (
            f"<{tag}{f' class={kind}' if kind else ''}>{_text(cell)}</{tag.split(maxsplit=1)[0]}>"
            for kind, cell in zip(kinds, cells, strict=True)
        )
        return f"<tr>{''.join(made)}</tr>"

    body = "".join(row(cells, "td") for cells in rows)
    return (
        '<div class="scroll" tabindex="0" role="group" aria-label="table"><table>'
        f"<thead>{row(names, 'th scope=col')}</thead><tbody>{body}</tbody></table></div>"
    )


def _text(text: str) -> str:
    """Escape a text, and keep marks for text from right to left from turning what is around it."""
    return f"<bdi>{escape(text)}</bdi>"
