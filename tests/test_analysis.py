"""The examples of docs/analysis.md run, as they stand there, and find what is there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from harvester.store.contract import views
from tests.cli.conftest import folder, harvest, one_sandbox, sandbox
from tests.cli.using import Harvest

__all__ = ["folder", "harvest", "one_sandbox", "sandbox"]

PAGE = (Path(__file__).parents[1] / "docs/analysis.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def duck(tmp_path: Path) -> Iterator[None]:
    """Let the page's DuckDB keep extensions in a folder of the test's own, and fetch none."""
    pytest.importorskip("duckdb_extension_sqlite_scanner", reason="no wheel for this machine")
    usual = duckdb.default_connection()
    with duckdb.connect(
        config={"extension_directory": str(tmp_path), "autoinstall_known_extensions": False}
    ) as own:
        duckdb.set_default_connection(own)
        yield
        duckdb.set_default_connection(usual)


@pytest.fixture
def ran(harvest: Harvest, folder: Path, duck: None) -> dict[str, Any]:
    """Run the page from top to bottom, and return the names that it makes."""
    del folder, duck
    assert harvest("--since", "3d").code == 0
    for words in re.findall(r"^\$ harvest (.*)$", PAGE, re.MULTILINE):
        assert harvest(*words.split()).code == 0
    names: dict[str, Any] = {}
    for block in BLOCKS:
        exec(compile(block, "docs/analysis.md", "exec"), names)  # noqa: S102 - the page's own
    return names


def test_all_ways_find_the_same_clicks(ran: dict[str, Any]) -> None:
    database = ran["sqlite3"].connect("harvester.db")
    [total] = database.execute("SELECT sum(clicks) FROM clicks_by_day").fetchone()
    [abroad] = database.execute(
        "SELECT coalesce(sum(clicks), 0) FROM clicks_by_country WHERE country <> 'US'"
    ).fetchone()
    database.close()
    assert total > 0
    assert ran["by_day"].sum().sum() == ran["by_week"].sum().sum() == total
    assert sum(clicks for _, clicks in ran["best"]) == total
    assert ran["attached"] == (total,)
    assert ran["abroad"]["clicks"].sum() == abroad
    assert ran["top"]["clicks"].is_sorted(descending=True)
    assert ran["top"]["clicks"].sum() == ran["countries"]["clicks"].sum()


def test_each_view_that_is_recommended_exists() -> None:
    table = PAGE.split("## Which view for what")[1].split("## ")[0]
    named = set(re.findall(r"`(\w+_\w+)`", table)) - {"group_guid"}
    assert named <= views().keys()
