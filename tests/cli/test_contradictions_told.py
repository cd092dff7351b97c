"""`harvest status` tells of each group how much of it cannot be true together, if anything."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from rich.console import Console

from harvester.cli.status import show
from harvester.domain.rosters import BitlinkDetails
from harvester.sandbox.catalogue import Rows
from harvester.sandbox.world import World
from harvester.store.standing import Contradictions, LastRun, Standing
from tests.cli.using import TODAY, Harvest, served

DAY = TODAY - timedelta(days=2)
TWO = "2 breakdowns of group Bg1 do not add up to their clicks"
RUN = LastRun("default", "2026-11-21T12:00:00Z", None, None, None, None)


def test_status_counts_breakdowns_that_do_not_add_up(
    harvest: Harvest, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = [BitlinkDetails("bit.ly/1", "https://bit.ly/1", "https://e.org/")]
    wrong: Rows = {("X",): 4}
    rows = {("bit.ly/1", facet, DAY): wrong for facet in ("countries", "devices")}
    world = World.of({"Bg1": links, "Bg2": []}, {("bit.ly/1", DAY): 5}, rows, today=TODAY)
    with served(world) as sandbox:
        monkeypatch.setenv("BITLY_API_URL", sandbox.url)
        assert harvest("--since", "4d", "--database", database_url).code == 0
    told = json.loads(harvest("status", "--json", "--database", database_url).out)
    assert told["contradictions"] == [
        {"account": "default", "group_guid": "Bg1", "breakdowns": 2, "answers": 0}
    ]
    shown = harvest("status", "--database", database_url).out
    assert shown.count("harvest_contradictions") == 1
    assert f"{TWO}: harvest_contradictions" in shown.splitlines()


@pytest.mark.parametrize(
    ("breakdowns", "answers", "line"),
    [
        (1, 0, "1 breakdown of group Bg1 does not add up to its clicks"),
        (1200, 0, "1,200 breakdowns of group Bg1 do not add up to their clicks"),
        (0, 1, "answers about group Bg1 contradict each other"),
        (2, 1, f"{TWO}, and other answers contradict each other"),
    ],
)
def test_each_group_has_one_line(breakdowns: int, answers: int, line: str) -> None:
    told = Contradictions("default", "Bg1", breakdowns, answers)
    assert f"{line}: harvest_contradictions" in lines(told)


def test_nothing_is_said_where_all_adds_up() -> None:
    assert not [line for line in lines() if "contradict" in line]


def lines(*told: Contradictions) -> list[str]:
    out = StringIO()
    show(Standing((), (), (RUN,), contradictions=told), Console(file=out, width=200))
    return out.getvalue().splitlines()
