"""`harvest report` as a person types it: the figures, their queries, a page in a browser."""

import csv
import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from harvester.cli.pages import PageLost, apart
from harvester.domain.errors import ConfigError
from harvester.report.asking import query
from tests.cli.using import TODAY, Harvest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--enable-logging=stderr",
)
FIRST, LAST = TODAY - timedelta(days=3), TODAY - timedelta(days=1)
WITHIN = {"first": str(FIRST), "last": str(LAST), "most": 300}


@pytest.fixture
def harvested(harvest: Harvest) -> Harvest:
    assert harvest("--since", "5d").code == 0
    return harvest


def asked(folder: Path, name: str) -> list[tuple[str, int]]:
    """Return name and clicks of each row of a documented query."""
    with closing(sqlite3.connect(folder / "harvester.db")) as connection:
        connection.row_factory = sqlite3.Row
        values = {key: value for key, value in WITHIN.items() if f":{key}" in query(name)}
        rows = connection.execute(query(name), values)
        return [(str(row["day" if name == "days" else "name"]), row["clicks"]) for row in rows]


def numbers(page: str) -> Iterator[tuple[str, int]]:
    """Yield what each mark of the page's charts says."""
    for label in re.findall(r'aria-label="([^"]*?) clicks[^"]*" role="graphics-symbol"', page):
        name, _, clicks = label.rpartition(": ")
        yield name, int(clicks.replace(",", ""))


def dumped(path: Path, folder: Path) -> tuple[str, str]:
    """Return the page as a browser has it once its script has run, and what it complained of."""
    words = [str(CHROMIUM), *QUIET, f"--user-data-dir={folder / 'chromium'}", "--dump-dom"]
    said = subprocess.run([*words, path.as_uri()], capture_output=True, text=True, check=True)  # noqa: S603
    return said.stdout, "\n".join(re.findall(r".*CONSOLE.*", said.stderr))


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt install chromium")
def test_a_browser_shows_the_numbers_of_the_documented_queries(
    harvested: Harvest, folder: Path
) -> None:
    said = harvested("report", "--period", "3d", "--html", "out.html")
    assert (said.code, said.out) == (0, f"Report: {folder / 'out.html'}\n")
    page, complaints = dumped(folder / "out.html", folder)
    assert complaints == ""
    assert 'aria-label="Clicks by day"' in page
    assert page.count('<button type="button">') > 10  # its script has run
    told = set(numbers(page))
    assert told >= set(asked(folder, "days"))
    for name in ("devices", "referrers"):
        assert told >= set(asked(folder, name)[:10])
    shown = dict(re.findall(r'<bdi>([^<]+)</bdi></a>.*?data-value="(\d+)"', page, re.DOTALL))
    assert {name: int(clicks) for name, clicks in shown.items()}.items() >= dict(
        asked(folder, "links")
    ).items()


def test_a_period_is_held_against_the_one_before(harvested: Harvest) -> None:
    told = json.loads(harvested("report", "--since", str(LAST), "--until", str(LAST), "--json").out)
    before = told["before"]
    assert before["first"] == before["last"] == str(LAST - timedelta(days=1))
    assert (before["clicks"] > 0, before["uncomparable"]) == (True, None)
    assert all(share["earlier"] is not None for share in told["links"])
    longer = json.loads(harvested("report", "--period", "9d", "--json").out)
    assert longer["before"]["uncomparable"] == "5 days of this period not wholly known"
    assert longer["quiet_links"] is None
    assert [day["known"] for day in longer["days"]] == ["missing"] * 5 + ["final"] + [
        "provisional"
    ] * 3


def test_csv_and_filters_say_what_the_queries_say(harvested: Harvest, folder: Path) -> None:
    table = harvested("report", "--period", "3d", "--csv", "--top", "300").out
    rows = list(csv.DictReader(StringIO(table)))
    for figure, name in (("day", "days"), ("links", "links"), ("devices", "devices")):
        told = [(row["name"], int(row["clicks"])) for row in rows if row["figure"] == figure]
        assert told == asked(folder, name)
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]
    whole = json.loads(harvested("report", "--json").out)
    name = whole["links"][0]["name"]
    words = ("report", "--json", "--link", f"https://{name}+")
    one = json.loads(harvested(*words).out)
    assert name in {link["name"] for link in one["links"]}
    assert 0 < one["clicks"] < whole["clicks"]
    assert one["chosen"] == {"link": [f"https://{name}+"]}
    groups = re.findall(r"B1group\d", harvested("groups").out)
    parts = [
        json.loads(harvested("report", "--json", "--group", group).out)["clicks"]
        for group in sorted(set(groups))
    ]
    assert sum(parts) == whole["clicks"]


def test_what_cannot_be_is_said_in_one_line_and_leaves_all_as_it_was(
    harvested: Harvest, folder: Path
) -> None:
    (folder / "out.html").mkdir()
    for words, error in (
        (["--tag", "no such"], "no link that is stored fits: tag no such"),
        (["--link", "hello"], "'hello' has no domain: say which, such as bit.ly/hello"),
        (["--period", "x"], "--period 'x' is no period: expected "),
        (["--json", "--csv"], "--json, --csv and --html: one of them"),
        (["--html", "none/out.html"], "none/out.html: No such file or directory"),
        (["--html", "out.html"], "out.html: Is a directory"),
    ):
        said = harvested("report", *words)
        assert (said.code, said.out) == (2, "")
        assert said.error.startswith(error)
    assert not list(folder.glob(".out.html*"))


def test_work_apart_returns_raises_or_is_lost_alone() -> None:
    assert apart(max, 1, 2) == 2
    with pytest.raises(PageLost, match="broke off"):
        apart(os.abort)
    with pytest.raises(ConfigError, match="wrong"):
        apart(_wrong)


def _wrong() -> None:
    raise ConfigError("wrong")
