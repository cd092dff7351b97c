"""`harvest check`: what the API and the database say, and the worst of it as exit code."""

import json
from pathlib import Path

import pytest

from harvester.cli.check import AccountCheck, _account_lines
from harvester.domain.errors import Exit
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import Sandbox
from harvester.sandbox.world import World
from harvester.store.engine import HEAD
from tests.cli.using import TODAY, TOKEN, Harvest, served


def test_check_tells_account_groups_limits_and_database(
    harvest: Harvest, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_an_api_that_does_not_answer_is_said_with_what_to_do() -> None:
    [line] = _account_lines(AccountCheck("shop", None, "nobody there", Exit.INCOMPLETE))
    assert line == (
        "account shop: nobody there; check the network and bitly.api_url, or try again later"
    )
