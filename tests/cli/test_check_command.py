"""`harvest check`: what the API and the database say, and the worst of it as exit code."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harvester.bitly.connections import Connections
from harvester.bitly.models import User
from harvester.cli.check import AccountCheck, Asking, _account_lines
from harvester.clock import SystemClock
from harvester.config import load
from harvester.domain.errors import Exit
from harvester.harvest.prelude import Prelude
from harvester.harvest.probing import AT_MOST_MORE, REQUESTS
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.world import World
from harvester.store.engine import HEAD, opened
from tests.cli.using import FAST, TODAY, TOKEN, Harvest, served
from tests.fakes import FakeClock


def test_check_tells_account_groups_limits_and_database(
    harvest: Harvest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "config.toml").unlink()
    with served(World(today=TODAY, links=1), Limits.published(25_000)) as limited:
        monkeypatch.setenv("BITLY_API_URL", limited.url)
        said = harvest("check")
        assert limited.requests.total() == 5
    assert (said.code, said.err) == (0, "")
    for line in (
        "configuration: none; the environment and the defaults",
        "account default: the token is valid, it is sandbox1's",
        "  organization Sandbox & Söhne (O1sandbox), plan Growth",
        "  group Größe 1 (B1group1)",
        "  limit: /bitlinks/{bitlink}/clicks: 0 of 1,000 requests an hour used",
        f"database sqlite:///harvester.db: reachable, schema {HEAD} (the newest)",
    ):
        assert line in said.out.splitlines()
    assert " of 25,000 API requests are left" in said.out


def test_check_as_json(harvest: Harvest) -> None:
    said = harvest("check", "--json")
    document = json.loads(said.out)
    [account] = document["accounts"]
    assert (said.code, account["exit_code"], account["error"]) == (0, 0, "")
    assert account["said"]["user"]["login"] == "sandbox1"
    assert document["database"]["schema"] == document["database"]["newest"] == HEAD
    assert TOKEN not in said.out


def test_a_facet_that_the_plan_refuses_is_said_after_a_harvest(
    harvest: Harvest, sandbox: Sandbox
) -> None:
    sandbox.switches.refused = {"/groups/{group_guid}/cities"}
    harvest("--since", "1d", "--facet", "group_cities")
    said = harvest("check")
    [line] = [line for line in said.out.splitlines() if "group_cities" in line]
    groups = len(sandbox.world.groups)
    told = f"  refused: group_cities of {groups} groups: not in plan, not asked for before "
    assert line.startswith(told)


def test_a_roster_that_the_plan_refuses_is_said_after_a_harvest(
    harvest: Harvest, sandbox: Sandbox
) -> None:
    sandbox.switches.refused = {"/campaigns", "clicks", "/groups/{group_guid}/qr-codes"}
    harvest("--since", "today", "--facet", "clicks")
    said = harvest("check")
    again = f"asked for again on {TODAY + timedelta(days=7)}"
    assert f"  roster campaigns: not in plan; {again}" in said.out.splitlines()
    assert said.out.count(again) == 2  # of two groups' QR codes one line
    [account] = json.loads(harvest("check", "--json").out)["accounts"]
    told = [(each["roster"], each["reason"]) for each in account["refused_rosters"]]
    assert told == [("campaigns", "not in plan"), ("qr_codes", "not in plan")]


def test_check_makes_the_database_that_a_harvest_would(harvest: Harvest, folder: Path) -> None:
    (folder / "harvester.db").unlink()
    assert harvest("check").code == 0
    assert (folder / "harvester.db").exists()


def test_check_says_what_is_wrong_and_goes_on(
    harvest: Harvest, sandbox: Sandbox, folder: Path
) -> None:
    (folder / "harvester.db").write_text("a text, no database" * 100, encoding="utf-8")
    sandbox.switches.revoked = {TOKEN}
    lines = harvest("check").out.splitlines()
    assert lines[1].startswith("account default: Bitly refuses the token of account 'default'")
    assert lines[2:] == ["database sqlite:///harvester.db: file is not a database"]


@pytest.mark.parametrize(
    ("database", "token", "code"),
    [
        ("harvester.db", "wrong", Exit.NOT_AUTHORISED),
        ("none/x.db", TOKEN, Exit.UNEXPECTED),
        ("none/x.db", "wrong", Exit.UNEXPECTED),
        (":memory:", TOKEN, Exit.USAGE),
    ],
)
def test_the_worst_of_what_is_found_is_the_exit_code(
    harvest: Harvest, monkeypatch: pytest.MonkeyPatch, database: str, token: str, code: Exit
) -> None:
    monkeypatch.setenv("BITLY_TOKEN", token)
    assert harvest("check", "--database", database).code == code


def test_a_rest_is_said_and_ends_once_the_plan_has_room(
    harvest: Harvest, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(per_month=10)
    with served(World(today=TODAY, links=8, days=5), limits) as small:
        monkeypatch.setenv("BITLY_API_URL", small.url)
        words = ("--since", "5d", "--budget", "greedy", "--config", "all.toml")
        Path("all.toml").write_text(
            f"{FAST}limits.month_requests = 1000\nlimits.reserve_percent = 0\n"
        )
        assert "API_USAGE_LIMIT_EXCEEDED" in harvest(*words).error
        before = small.requests.total()
        said = harvest(*words)
        assert (said.code, small.requests.total()) == (Exit.QUOTA, before)
        assert "default: nothing is asked before 20" in said.error
        assert "`harvest check` finds out" in said.error
        assert harvest("check").code == Exit.QUOTA
        limits.per_month = 10_000
        assert harvest("check").code == Exit.COMPLETE
        assert harvest(*words).code == Exit.COMPLETE


def test_a_rest_is_said_beside_what_bitly_says() -> None:
    said, rest = Prelude(User("x"), (), (), {}, []), "nothing is harvested before then"
    assert f"  {rest}" in _account_lines(AccountCheck("shop", said, "", Exit.QUOTA, rest=rest))


def test_an_api_that_does_not_answer_is_said_with_what_to_do() -> None:
    [line] = _account_lines(AccountCheck("shop", None, "nobody there", Exit.INCOMPLETE))
    assert line == (
        "account shop: nobody there; check the network and bitly.api_url, or try again later"
    )


async def test_a_probe_is_announced_shown_and_remembered(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    today = datetime(2026, 11, 21, 12, tzinfo=UTC)
    world, clock = World(today=today.date(), links=40), FakeClock(today)
    async with (
        running(world, clock=clock, limits=Limits.published(), token=TOKEN) as sandbox,
        opened(f"sqlite:///{tmp_path}/p.db") as engine,
    ):
        (tmp_path / "config.toml").write_text(FAST)
        environ = {"BITLY_TOKEN": TOKEN, "BITLY_API_URL": sandbox.url}
        settings = load(tmp_path / "config.toml", environ)
        asking = Asking(settings, clock, Connections(5), probe=True)
        check = await asking.check(settings.accounts[0], engine)
        assert check.probed is not None
        assert sandbox.requests.total() == 5 + check.probed.requests
        later = await replace(asking, probe=False).check(settings.accounts[0], engine)
    said, lines = capsys.readouterr().err, list(_account_lines(check))
    assert f"the probe sends {REQUESTS} requests, at most {AT_MOST_MORE} more" in said
    assert f"  probe: {check.probed.requests} requests were sent" in lines
    window = "  api: window_rule = bucket (clicks and countries: any instant of a day names it"
    assert f"{window}; probe, 2026-11-21)" in lines
    assert "  api: beyond_history could not be told: no end of the history was seen" in lines
    assert later.profile == check.profile
    assert "not probed yet" not in "\n".join(_account_lines(later))


async def test_a_probe_that_the_month_cannot_afford_is_not_made(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    limits = Limits(per_month=REQUESTS)
    async with (
        running(World(today=TODAY, links=1), limits=limits, token=TOKEN) as sandbox,
        opened(f"sqlite:///{tmp_path}/p.db") as engine,
    ):
        settings = load(None, {"BITLY_TOKEN": TOKEN, "BITLY_API_URL": sandbox.url})
        asking = Asking(settings, SystemClock(), Connections(5), probe=True)
        check = await asking.check(settings.accounts[0], engine)
        assert check.probed is None
        assert sandbox.requests.total() == 5
    assert "is not probed: only" in capsys.readouterr().err
