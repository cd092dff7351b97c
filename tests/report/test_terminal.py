"""The report on any terminal: nothing is cut, nothing from outside is obeyed."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from harvester.cli.status import show as show_standing
from harvester.report.knowledge import Known
from harvester.report.terminal import console_for, show
from harvester.store.standing import GroupStanding, LastRun, MissingCount, Standing
from tests.report.making import DAYS, EVIL, made

GROUP = GroupStanding(
    "shop", "B1", EVIL, 1_000, "2026-10-20", "2026-11-21", "2026-11-10", 0, 11, 22, 1_000_000
)
MISSING = MissingCount(
    "shop", "Bk1abcDEfgh", "referring_domains", "not in plan", 1_000, 9, "2026-11-20", "2026-11-21"
)
RUN = LastRun("shop", "2026-11-21T12:00:00Z", None, None, None, EVIL)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def shown(width: int) -> str:
    screen = StringIO()
    console = Console(file=screen, width=width, highlight=False)
    show(made(EVIL), console)
    show_standing(Standing((GROUP,), (MISSING,), (RUN,)), console)
    return screen.getvalue()


@pytest.mark.parametrize("width", [80, 160])
def test_all_figures_show_and_all_lines_fit(width: int) -> None:
    text = shown(width)
    for figure in ("1,234,567", "1,000,000", "not in plan", "2026-11-18 to 2026-11-21", "(empty)"):
        assert figure in text
    assert "2026-11-19: no clicks known, not harvested" in text
    assert "2026-11-20: more clicks are possible, 3 links not known" in text
    assert max(map(len, text.splitlines())) <= width


def test_days_that_are_not_final_are_marked_below_their_columns() -> None:
    lines = shown(80).splitlines()
    [marks] = [line for line in lines if set(line) == set(" ?!~")]
    assert marks.split("   ")[-1].strip() == "???!!!~~~"
    assert "~ provisional   ! at least so many   ? not known" in shown(80)


def test_what_came_from_outside_is_text() -> None:
    text = shown(80)
    assert not {"\x1b", "\x07", "\r"} & set(text)
    assert "�[2J[bold]x" in text


def test_a_range_without_a_harvest_says_so() -> None:
    screen = StringIO()
    days = tuple(replace(day, clicks=0, known=Known.MISSING) for day in DAYS)
    show(made(days=days), Console(file=screen, width=80))
    assert "No day of this range has been harvested." in screen.getvalue()


@pytest.mark.parametrize(("columns", "width"), [("40", 80), ("80", 80), ("120", 120)])
def test_a_narrow_terminal_wraps_rather_than_cuts(
    monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert console_for(Terminal()).width == width


def test_colours_go_to_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for stream, coloured in ((Terminal(), True), (StringIO(), False)):
        show(made(), console_for(stream))
        assert ("\x1b[36m" in stream.getvalue()) is coloured
    monkeypatch.setenv("NO_COLOR", "1")
    screen = Terminal()
    show(made(), console_for(screen))
    assert "\x1b[36m" not in screen.getvalue()
