"""`harvest status` and `harvest report`: the same, and true, on both engines."""

import asyncio
import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from harvester.clock import SystemClock
from harvester.report.period import Period
from harvester.report.reading import Wanted, figures
from harvester.sandbox.server import Sandbox
from harvester.store.engine import opened
from harvester.store.standing import standing
from tests.cli.using import TODAY, Harvest

DAYS = [TODAY - timedelta(days=back) for back in reversed(range(5))]


def clicks(sandbox: Sandbox, facet: str, day: date) -> dict[str, int]:
    """Return the true clicks of a day by the first label of a facet, or by name for clicks."""
    world = sandbox.world
    counted: dict[str, int] = {}
    for guid in world.groups:
        for name in world.names(guid):
            for labels, count in world.rows(name, facet, day).items():
                key = str((labels or (name,))[0] or "")
                counted[key] = counted.get(key, 0) + count
    return counted


def ranking(sandbox: Sandbox, facet: str, days: list[date]) -> list[tuple[str, int]]:
    """Return the ten greatest of `facet`; ties are in the order of names, by code points."""
    total: dict[str, int] = {}
    for day in days:
        for key, count in clicks(sandbox, facet, day).items():
            total[key] = total.get(key, 0) + count
    return sorted(total.items(), key=lambda item: (-item[1], item[0]))[:10]


def counts(shares: list[dict[str, str | int]]) -> list[tuple[str, int]]:
    return [(str(share["name"]), int(share["clicks"])) for share in shares]


def test_report_equals_the_truth(harvest: Harvest, sandbox: Sandbox, database_url: str) -> None:
    assert harvest("--since", "5d", "--database", database_url).code == 0
    for words, days in (
        (["--since", "5d"], DAYS),
        (["--since", "3d", "--until", "yesterday"], DAYS[2:4]),
    ):
        told = json.loads(harvest("report", "--json", "--database", database_url, *words).out)
        assert (told["first"], told["last"]) == (str(days[0]), str(days[-1]))
        assert [(day["day"], day["clicks"]) for day in told["days"]] == [
            (str(day), sum(clicks(sandbox, "clicks", day).values())) for day in days
        ]
        for shares, facet in (
            ("links", "clicks"),
            ("countries", "countries"),
            ("devices", "devices"),
            ("referrers", "referrers"),
        ):
            true = ranking(sandbox, facet, days)
            found = counts(told[shares])
            assert [count for _, count in found] == [count for _, count in true]
            least = true[-1][1]  # of those that tie at the end, which ones show is the engine's
            assert {each for each in found if each[1] > least} == {
                each for each in true if each[1] > least
            }


def test_report_on_a_terminal_shows_the_same_figures(
    harvest: Harvest, sandbox: Sandbox, database_url: str
) -> None:
    harvest("--since", "5d", "--database", database_url)
    shown = harvest("report", "--since", "5d", "--database", database_url).out
    total = sum(sum(clicks(sandbox, "clicks", day).values()) for day in DAYS)
    assert shown.startswith(f"{total:,} clicks from {DAYS[0]} to {DAYS[-1]} (UTC days)")
    for heading in ("Top links", "Top countries", "Top referrers"):
        assert heading in shown
    [line] = [each for each in shown.splitlines() if each.startswith("US ")]
    assert line.split()[1] == str(dict(ranking(sandbox, "countries", DAYS))["US"])


def test_status_tells_what_is_missing_and_why(
    harvest: Harvest, sandbox: Sandbox, database_url: str
) -> None:
    sandbox.switches.refused = {"cities"}
    assert harvest("--since", "5d", "--database", database_url).code == 3
    told = json.loads(harvest("status", "--json", "--database", database_url).out)
    assert {group["group_guid"] for group in told["groups"]} == set(sandbox.world.groups)
    assert {(count["facet"], count["reason"]) for count in told["missing"]} == {
        ("cities", "not in plan")
    }
    [run] = told["runs"]
    assert (run["account"], run["outcome"]) == ("default", "incomplete")
    assert run["started_at"].endswith("Z")
    shown = harvest("status", "--database", database_url).out
    assert "account default" in shown
    assert "cities  not in plan" in shown


def test_status_tells_the_requests_of_this_month(
    harvest: Harvest, sandbox: Sandbox, database_url: str
) -> None:
    harvest("--since", "5d", "--database", database_url)
    harvest("check", "--database", database_url)
    told = json.loads(harvest("status", "--json", "--database", database_url).out)
    month, count = f"{TODAY:%Y-%m}", sandbox.requests.total()
    assert told["requests"] == [{"account": "default", "month": month, "requests": count}]
    shown = harvest("status", "--database", database_url).out
    assert f"requests of default in {month}: {count:,}" in shown


def test_status_of_a_complete_harvest(harvest: Harvest, sandbox: Sandbox) -> None:
    harvest("--since", "5d")
    shown = harvest("status").out
    assert "Nothing is missing." in shown
    told = json.loads(harvest("status", "--json").out)
    names = [name for guid in sandbox.world.groups for name in sandbox.world.names(guid)]
    assert sum(group["bitlinks"] for group in told["groups"]) == len(names)
    for group in told["groups"]:
        assert (group["first"], group["last"]) == (str(DAYS[0]), str(DAYS[-1]))
        assert (group["settled_through"], group["settled_days"]) == (str(DAYS[0]), 1)
        assert (group["open_days"], group["complete_days"], group["missing"]) == (0, 4, 0)


def test_status_counts_down_what_leaves_bitlys_reach(
    harvest: Harvest, sandbox: Sandbox, database_url: str
) -> None:
    sandbox.switches.history = 5
    sandbox.switches.script = {"/bitlinks/{bitlink}/cities": [500] * 10_000}
    harvest("--since", "6d", "--database", database_url)
    told = json.loads(harvest("status", "--json", "--database", database_url).out)["leaving"]
    assert {each["group_guid"] for each in told} == set(sandbox.world.groups)
    for each in told:
        leaves_on = date.fromisoformat(each["first"]) + timedelta(days=4)
        assert (each["leaves_on"], each["link_days"] > 0) == (str(leaves_on), True)
        shown = harvest("status", "--database", database_url).out
        line = f"{each['link_days']} link-days of group {each['group_guid']} leave Bitly's reach"
        assert line in shown


async def test_both_engines_tell_types_that_json_knows(database_url: str) -> None:
    async with opened(database_url) as engine:
        assert (await standing(engine, SystemClock().now())).groups == ()
        found = await figures(engine, Wanted(Period(DAYS[0], DAYS[-1])), SystemClock().now())
        assert (found.clicks, found.is_empty) == (0, True)


@pytest.mark.parametrize("command", ["status", "report"])
def test_an_empty_database_is_said_so(harvest: Harvest, command: str) -> None:
    said = harvest(command)
    assert (said.code, said.err) == (0, "")
    assert said.out == "Nothing has been harvested into this database yet.\n"


@pytest.mark.parametrize("command", ["status", "report"])
def test_a_database_that_is_not_there_is_not_made(
    harvest: Harvest, folder: Path, command: str
) -> None:
    said = harvest(command, "--database", "other.db")
    assert (said.code, said.out) == (2, "")
    assert said.error == "other.db: there is no such database: harvest first, or name another one"
    assert not (folder / "other.db").exists()


@pytest.mark.parametrize("command", ["status", "report"])
def test_reading_needs_no_token(
    harvest: Harvest, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.delenv("BITLY_TOKEN")
    assert harvest(command).code == 0


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--since", "soon"], "--since 'soon' is no point in time"),
        (["--until", "soon"], "--until 'soon' is no point in time"),
        (["--since", "2d", "--until", "9d"], "--until 9d is "),
        (["--since", "2999-01-01"], "--since 2999-01-01 is "),
    ],
)
def test_days_that_cannot_be_are_refused(harvest: Harvest, words: list[str], error: str) -> None:
    said = harvest("report", *words)
    assert (said.code, said.out) == (2, "")
    assert said.error.startswith(error)


def test_days_before_the_first_harvest_are_said_to_be_unknown(harvest: Harvest) -> None:
    harvest("--since", "2d")
    said = harvest("report", "--since", "2020-01-01", "--until", "2020-01-03")
    assert "No day of this range has been harvested." in said.out


def test_a_newer_schema_is_left_alone(harvest: Harvest, folder: Path) -> None:
    asyncio.run(_pretend_newer(folder / "harvester.db"))
    for words in (["status"], ["report"], ["--since", "today"]):
        said = harvest(*words)
        assert (said.code, said.out) == (1, "")
        assert said.error.startswith("sqlite:///harvester.db: its schema is 9999, this harvester")


async def _pretend_newer(path: Path) -> None:
    async with opened(str(path)) as engine, engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
