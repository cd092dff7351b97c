"""A backup of SQLite while it is written, and its restore, as docs/operations.md says them."""

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.store.engine import opened
from tests.store.making import clicks, made_shop, select

MANUAL = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
FACTS = "SELECT bitlink, day, clicks FROM clicks_by_day"


def vacuumed(folder: Path) -> None:
    [program] = re.findall(r'`python -c "(import sqlite3;.*)"`', MANUAL)
    subprocess.run([sys.executable, "-c", program], cwd=folder, check=True)  # noqa: S603 - ours


def backed_up(folder: Path) -> None:  # what .backup does
    with (
        closing(sqlite3.connect(folder / "harvester.db")) as source,
        closing(sqlite3.connect(folder / "backup.db")) as target,
    ):
        source.backup(target)


def restore(folder: Path) -> None:
    [command] = re.findall(r"^rm -f harvester\.db .*$", MANUAL, re.MULTILINE)
    subprocess.run(["/bin/sh", "-c", command], cwd=folder, check=True)  # noqa: S603 - ours


@pytest.mark.parametrize("template", ["sqlite"], indirect=True)
@pytest.mark.parametrize("back_up", [vacuumed, backed_up])
async def test_a_backup_holds_what_was_committed_and_its_restore_goes_on(
    engine: AsyncEngine, tmp_path: Path, back_up: object
) -> None:
    assert callable(back_up)
    shop = await made_shop(engine, ["bit.ly/a", "bit.ly/b"])
    await shop.record(clicks(shop.ids["bit.ly/a"], 7))
    before = await shop.rows(FACTS)
    async with engine.connect() as reader:  # so that the journal is not empty
        await reader.exec_driver_sql("SELECT 1 FROM snapshots")
        back_up(tmp_path)
        await shop.record(clicks(shop.ids["bit.ly/b"], 9))
    await engine.dispose()
    restore(tmp_path)
    async with opened(f"sqlite:///{tmp_path}/harvester.db") as restored:
        assert await select(restored, FACTS) == before
        assert await select(restored, "PRAGMA integrity_check") == [("ok",)]
        again = await made_shop(restored, ["bit.ly/a", "bit.ly/b"])
        await again.record(clicks(again.ids["bit.ly/b"], 9))
        assert len(await select(restored, FACTS)) == 2
