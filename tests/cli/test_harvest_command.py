"""`harvest` itself: what it prints, what it refuses, and the exit code of each way to end."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from harvester.sandbox.limits import Limits
from harvester.sandbox.server import Sandbox
from harvester.sandbox.world import World
from tests.cli.using import FAST, TODAY, TOKEN, Harvest, answering, served

TWO = """
[[accounts]]
name = "shop"
token_env = "SHOP"
[[accounts]]
name = "press"
token_env = "PRESS"
exclude_groups = ["{excluded}"]
"""


@pytest.fixture
def two(folder: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Two accounts with the same token; the second leaves a group out."""
    excluded = next(iter(sandbox.world.groups))
    (folder / "config.toml").write_text(FAST + TWO.format(excluded=excluded), encoding="utf-8")
    for name in ("SHOP", "PRESS"):
        monkeypatch.setenv(name, TOKEN)
    monkeypatch.delenv("BITLY_TOKEN", raising=False)
    return sandbox


def test_a_run_ends_with_a_summary(harvest: Harvest, sandbox: Sandbox) -> None:
    said = harvest("--since", "3d")
    requests = f"{sandbox.requests.total():,} requests in "
    lines = said.out.splitlines()
    assert said.code == 0
    assert lines[0].startswith("default: complete, ")
    assert lines[0].endswith(f" to {TODAY}")
    assert lines[1] == "  2 groups, 8 bitlinks"
    assert lines[2].strip().startswith(requests)
    assert "harvest:" not in said.err
    assert said.err.splitlines()[0].endswith("Z default: started")


def test_harvest_alone_goes_on_where_the_store_stands(harvest: Harvest) -> None:
    assert harvest("--since", "2d").code == 0
    [run] = json.loads(harvest("--json").out)["runs"]
    assert (run["until"], run["counts"]["snapshots"]) == (str(TODAY), 0)
    assert run["outcome"] == "complete"


def test_views_follow_the_settings(harvest: Harvest, folder: Path) -> None:
    """The zone and the ranges of days are in the database as soon as a harvest knows them."""
    ranged = "[[attribution]]\nlink = 'bit.ly/a'\nname = 'Fair'\nsince = 2026-05-01\nuntil = {}\n"
    wanted = '[report]\nzone = "Asia/Kolkata"\n' + ranged.format("2026-05-31")
    (folder / "config.toml").write_text(FAST + wanted, encoding="utf-8")
    assert harvest("--since", "today").code == 0
    with closing(sqlite3.connect(folder / "harvester.db")) as database:
        query = "SELECT DISTINCT zone, is_exact FROM clicks_by_local_day"
        assert list(database.execute(query)) == [("Asia/Kolkata", 0)]
        query = "SELECT name, since, until FROM attribution_totals"
        assert list(database.execute(query)) == [("Fair", "2026-05-01", "2026-05-31")]


def test_json_is_one_object_and_nothing_else(harvest: Harvest) -> None:
    said = harvest("--since", "today", "--json")
    document = json.loads(said.out)
    [run] = document["runs"]
    assert (document["exit_code"], run["account"], run["outcome"]) == (0, "default", "complete")
    assert (run["since"], run["until"]) == (str(TODAY), str(TODAY))
    assert run["counts"]["groups"] == 2
    assert set(run) >= {"detail", "started_at", "finished_at", "quota", "seconds"}


def test_quiet_prints_nothing_but_errors(harvest: Harvest, sandbox: Sandbox) -> None:
    said = harvest("--since", "today", "--quiet")
    assert (said.code, said.out, said.err) == (0, "", "")
    sandbox.switches.error_rate = 1.0
    sandbox.switches.errors = (500,)
    said = harvest("--since", "today", "--quiet")
    assert (said.code, said.out) == (3, "")
    lists = "default: the bitlinks of B1group0, B1group1 could not be listed to the end: "
    given_up = "default: Bitly answers nothing: 10 requests in a row failed"  # if that comes first
    assert said.error.startswith((f"{lists}Bitly answered 500 INTERNAL_ERROR", given_up))
    said = harvest("--since", "today", "--quiet", "--refresh")
    assert (said.code, said.out, said.err.count("\n")) == (3, "", 1)
    assert said.error.startswith("default: Bitly answered 500")
    assert said.error.endswith("; check the network and bitly.api_url, or try again later")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--since", "2999-01-01"], "--since 2999-01-01 is 2999-01-01, which is in the future"),
        (["--since", "soon"], "--since 'soon' is no point in time: expected a day"),
        (["--since", "2d", "--until", "9d"], "--until 9d is "),
        (["--until", "soon"], "--until 'soon' is no point in time"),
        (["--since", "1900-01-01"], "--since 1900-01-01 is 1900-01-01: Bitly has no clicks before"),
        (["--facet", "weather"], 'command line: harvest.facets: expected "all", or a list of one'),
        (["--account", "nobody"], "no account 'nobody'; there are: default"),
        (["--config", "none.toml"], "none.toml: cannot be read: No such file"),
        (["--config", "bad.toml"], "bad.toml: is no TOML: "),
        (["--database", "mysql://me:secret@host/x"], "database mysql://me:***@host/x: expected"),
        (["--database", "postgresql://me:s@cret@host/x"], "the database's URL cannot be read"),
        (["--database", ":memory:"], "a database in memory is not supported: name a file"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    harvest: Harvest, sandbox: Sandbox, folder: Path, words: list[str], error: str
) -> None:
    (folder / "bad.toml").write_text("x = [", encoding="utf-8")
    said = harvest(*words)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert said.error.startswith(error)
    assert "cret" not in said.err
    assert not sandbox.requests


@pytest.mark.parametrize("token", ["", "  ", "two words"])
def test_a_token_that_can_be_none_is_not_sent(
    harvest: Harvest, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("BITLY_TOKEN", token)
    said = harvest("--since", "today")
    assert (said.code, said.out, bool(sandbox.requests)) == (2, "", False)
    assert "Bitly makes one under Settings > API" in said.error


def test_an_unknown_group_is_named_with_those_that_exist(harvest: Harvest) -> None:
    said = harvest("--since", "today", "--group", "Sales")
    assert (said.code, said.out) == (2, "")
    assert said.error.startswith("default: no group 'Sales' in ")
    assert "(B1group0)" in said.error


def test_a_wrong_token_is_said_of_its_account(
    harvest: Harvest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BITLY_TOKEN", "wrong" + TOKEN)
    said = harvest("--since", "today")
    assert (said.code, said.out) == (4, "default: not authorised\n")
    assert said.error.startswith("default: Bitly refuses the token of account 'default': check")
    assert TOKEN not in said.out + said.err


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:1/v4", "default: no connection to 127.0.0.1: Connect call failed"),
        ("https://no-such-host.invalid/v4", "default: no connection to no-such-host.invalid: "),
    ],
)
def test_an_api_out_of_reach_is_named(
    harvest: Harvest, folder: Path, monkeypatch: pytest.MonkeyPatch, url: str, error: str
) -> None:
    (folder / "config.toml").write_text("[bitly]\nattempts = 1", encoding="utf-8")
    monkeypatch.setenv("BITLY_API_URL", url)
    said = harvest("--since", "today")
    assert (said.code, said.out) == (3, "default: unanswered\n")
    assert said.error.startswith(error)
    assert said.error.endswith("; check the network and bitly.api_url, or try again later")


@pytest.mark.parametrize("status", [200, 302, 404])
def test_an_api_that_answers_with_a_page_is_no_api(
    harvest: Harvest, folder: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    (folder / "config.toml").write_text("[bitly]\nattempts = 1", encoding="utf-8")
    with answering(status, b"<html>\n\x1b[2JWelcome to the hotel</html>") as url:
        monkeypatch.setenv("BITLY_API_URL", url)
        said = harvest("--since", "today")
    assert (said.code, said.out) == (3, "default: unanswered\n")
    assert "Welcome to the hotel" in said.error
    assert "\x1b" not in said.err


def test_a_base_path_that_is_wrong_is_said_so(
    harvest: Harvest, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BITLY_API_URL", sandbox.url.removesuffix("/v4"))
    said = harvest("--since", "today")
    assert (said.code, "404" in said.error, "check" in said.error) == (3, True, True)


def test_what_is_missing_is_counted(harvest: Harvest, sandbox: Sandbox) -> None:
    sandbox.switches.refused = {"cities"}
    said = harvest("--since", "5d")
    assert said.code == 3
    assert said.out.startswith("default: incomplete, ")
    assert said.error.endswith("requests failed; `harvest status` says which and why")
    assert "cities not in plan" in said.err


def test_a_month_that_is_spent_ends_with_5_and_keeps_what_was_learnt(
    harvest: Harvest, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(per_hour=1_000_000, per_month=30)
    with served(World(today=TODAY, links=8, days=5), limits) as small:
        monkeypatch.setenv("BITLY_API_URL", small.url)
        said = harvest("--since", "5d", "--json", "--quiet", "--budget", "greedy")
    [run] = json.loads(said.out)["runs"]
    assert (said.code, run["outcome"], run["quota"]["limit"]) == (5, "quota", 30)
    assert run["counts"]["snapshots"] > 0
    assert "of the month's 30 API requests are used and 6 are left to others" in said.error
    assert "requests are left, done by 20" in said.error


def test_one_account_that_stops_does_not_hinder_the_other(
    harvest: Harvest, two: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    del two
    monkeypatch.setenv("SHOP", "wrong")
    said = harvest("--since", "today")
    assert said.code == 4
    assert said.out.splitlines()[:2] == [
        "shop: not authorised",
        f"press: complete, {TODAY} to {TODAY}",
    ]
    assert said.error.startswith("shop: Bitly refuses the token of account 'shop'")


def test_a_month_that_is_spent_in_mid_run_does_not_hinder_the_other(
    harvest: Harvest, two: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    del two
    limits = Limits(per_hour=1_000_000, per_month=30)
    with served(World(today=TODAY, links=8, days=5), limits) as small:
        monkeypatch.setenv("BITLY_API_URL", small.url)
        said = harvest("--since", "5d", "--json", "--quiet")
    assert [run["outcome"] for run in json.loads(said.out)["runs"]] == ["quota", "quota"]


def test_a_group_that_only_one_account_has_is_harvested_there(
    harvest: Harvest, two: Sandbox, folder: Path
) -> None:
    excluded, kept = two.world.groups
    config = folder / "config.toml"
    config.write_text(config.read_text().replace("exclude_groups", "include_groups"))
    config.write_text(config.read_text().replace(excluded, "Gone"))
    said = harvest("--since", "today", "--json", "--quiet")
    document = json.loads(said.out)
    assert (said.code, document["exit_code"]) == (2, 2)
    assert [run["account"] for run in document["runs"]] == ["shop"]
    assert "press: no group 'Gone' in " in said.error
    assert kept in said.error


def test_flags_narrow_accounts_groups_and_facets(harvest: Harvest, two: Sandbox) -> None:
    excluded, _ = two.world.groups
    words = ["--account", "press", "--group", excluded, "--facet", "countries"]
    said = harvest("--since", "3d", *words, "--json")
    [run] = json.loads(said.out)["runs"]
    assert (run["account"], run["counts"]["groups"]) == ("press", 1)
    asked = {template for _, template in two.requests if template.startswith("/bitlinks/")}
    assert asked <= {"/bitlinks/{bitlink}/clicks", "/bitlinks/{bitlink}/countries"}


def test_a_token_that_is_set_for_nothing_is_warned_of(
    harvest: Harvest, two: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    del two
    monkeypatch.setenv("BITLY_TOKEN", TOKEN)
    said = harvest("--since", "today")
    assert (
        said.error == "warning: BITLY_TOKEN is set but not used: config.toml lists its own accounts"
    )


@pytest.mark.parametrize(
    ("database", "error"),
    [
        ("folder", "sqlite:///folder: unable to open database file"),
        ("none/x.db", "sqlite:///none/x.db: unable to open database file"),
        ("notes.txt", "sqlite:///notes.txt: file is not a database"),
        ("postgresql://me:secret@127.0.0.1:1/x", "postgresql://me:***@127.0.0.1:1/x: "),
        ("postgresql://me:secret@no-such-host.invalid/x", "postgresql://me:***@no-such-host.inv"),
    ],
)
def test_a_database_out_of_order_is_named_and_nothing_is_sent(
    harvest: Harvest, sandbox: Sandbox, folder: Path, database: str, error: str
) -> None:
    (folder / "folder").mkdir()
    (folder / "notes.txt").write_text("a text, no database" * 100, encoding="utf-8")
    said = harvest("--since", "today", "--database", database)
    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert said.error.startswith(error)
    assert "secret" not in said.err
    assert not sandbox.requests


@pytest.mark.postgresql
def test_a_database_that_is_not_there_is_named(harvest: Harvest, postgresql_template: str) -> None:
    url = make_url(postgresql_template).set(database="nowhere")
    said = harvest("--since", "today", "--database", url.render_as_string(hide_password=False))
    assert (said.code, said.out) == (1, "")
    assert said.error.endswith('database "nowhere" does not exist')
