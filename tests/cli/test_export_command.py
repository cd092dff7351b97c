"""`harvest export` and `harvest groups`: what is typed, what comes out."""

import csv
import json
import os
from pathlib import Path

import pytest

from harvester.sandbox.server import Sandbox
from tests.cli.using import Harvest, outcome, process


@pytest.fixture
def harvested(harvest: Harvest) -> Harvest:
    assert harvest("--since", "2d", "--quiet").code == 0
    return harvest


def test_links_and_metrics_are_exported_by_the_name_of_their_group(
    harvested: Harvest, folder: Path
) -> None:
    groups = json.loads(harvested("groups", "--json").out)
    assert [each["links"] for each in groups] == [4, 4]
    name, guid = groups[0]["name"], groups[0]["guid"]
    said = harvested("export", "links", "--group", name, "-o", "links.csv")
    assert (said.code, said.out) == (0, "links.csv: 4 rows\n")
    assert (folder / "links.csv").read_text("utf-8").startswith("account,group_guid,id,link,")
    said = harvested("export", "metrics", "clicks_by_day", "--since", "yesterday")
    rows = [json.loads(line) for line in said.out.splitlines()]
    assert rows
    assert {row["group_guid"] for row in rows} == {each["guid"] for each in groups}
    told = json.loads(harvested("export", "links", "-o", "x.jsonl", "--json").out)
    assert told == {"file": "x.jsonl", "format": "jsonl", "rows": 8, "resumed": 0}
    words = ("--database", "harvester.db", "export", "--group", guid, "-o", "y.csv", "links")
    assert harvested(*words).out == "y.csv: 4 rows\n"
    shown = harvested("groups").out
    assert name in shown
    assert guid in shown


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("links --group Nobody", "no group 'Nobody' in this account; there are: "),
        ("links --account other", "no account 'other' has been harvested into this database"),
        ("metrics clicks", "no view 'clicks'; there are: anomalies, "),
        ("metrics group_details --since 2d", "--since means nothing to group_details: it has no"),
        ("links --format parquet", "Parquet is written to a file: say where, with --output FILE"),
        ("links -o no/such/folder.csv", "no/such/folder.csv: No such file or directory"),
    ],
)
def test_what_cannot_be_is_one_line(harvested: Harvest, words: str, error: str) -> None:
    said = harvested("export", *words.split())
    assert said.code in {1, 2}
    assert said.error.startswith(error)


@pytest.mark.usefixtures("harvested")
def test_a_pipe_that_nobody_reads_is_one_line() -> None:
    running = process("export", "links", PYTHONPATH=os.fspath(Path(__file__).parents[2]))
    assert running.stdout is not None
    running.stdout.close()
    running.stdout = None
    said = outcome(running)
    assert (said.code, said.error) == (1, "nobody reads the output any more: it ends here")


def test_an_export_of_bitlys_is_handed_on_by_the_name_of_its_group(
    harvest: Harvest, sandbox: Sandbox
) -> None:
    group = next(iter(sandbox.world.groups.values()))
    said = harvest("export", "--bitly", "links_list", "--group", group.name)
    assert said.code == 0
    head, *rows = csv.reader(said.out.splitlines())
    assert {"link", "title", "long_url"} <= set(head)
    assert len(rows) == len(sandbox.world.links(group.guid))
    said = harvest("export", "--bitly", "link_engagements_batch", "--group", group.name)
    assert said.error == "link_engagements_batch tells of a span: say from when on, with --since"
    words = ("--bitly", "link_engagements_batch", "--group", group.guid, "--since", "2d")
    said = harvest("export", *words, "-o", "clicks.csv")
    assert said.out == f"clicks.csv: {len(rows)} rows\n"


def test_an_export_that_the_plan_does_not_hold_is_one_line_and_leaves_no_file(
    harvest: Harvest, sandbox: Sandbox, folder: Path
) -> None:
    sandbox.switches.refused = {"/groups/{group_guid}/exports"}
    guid = next(iter(sandbox.world.groups))
    said = harvest("export", "--bitly", "links_list", "--group", guid, "-o", "links.csv")
    assert said.code == 3
    assert said.error.startswith(f"the plan of group {guid} has no exports of Bitly's: ")
    assert said.error.endswith("; `harvest export links` and `harvest export metrics` need none")
    assert not list(folder.glob("links.csv*"))


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("", "say what to export: links, metrics VIEW, or --bitly TYPE See"),
        ("--bitly links_list", "an export of Bitly's is one of a group: say which, with --group"),
        ("--bitly links_list links", "--bitly means nothing to export links"),
        ("--since 2d links", "--since means nothing to export links"),
        ("--bitly links_list --group Nobody", "no group 'Nobody' in this account; there are:"),
    ],
)
def test_what_cannot_be_exported_is_one_line(harvest: Harvest, words: str, error: str) -> None:
    said = harvest("export", *words.split())
    assert said.code == 2
    assert said.error.startswith(error)
