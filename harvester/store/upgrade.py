"""Moves the schema between revisions, views included, in one transaction of the caller's."""

import hashlib
import re
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from harvester.store.contract import views

_HERE = Path(__file__).parent
_LOCK: Final = 0x68617276  # any number, the same for all harvesters
_ARGUMENT: Final = r"((?:[^()]|\([^()]*\))+)"  # it may hold parentheses, one deep
# What the engines spell in different ways, and how each does.
_MACROS: Final = (
    (  # UTC(x): unix seconds as an instant
        re.compile(rf"\bUTC\({_ARGUMENT}\)"),
        {
            "sqlite": r"strftime('%Y-%m-%dT%H:%M:%SZ', \1, 'unixepoch')",
            "postgresql": r"to_timestamp(CAST(\1 AS BIGINT))",
        },
    ),
    (  # FROM ..., EACH(x) AS t: a row for each text in a JSON list, t.value
        re.compile(rf"\bEACH\({_ARGUMENT}\) AS (\w+)"),
        {
            "sqlite": r"json_each(\1) AS \2",
            "postgresql": r"json_array_elements_text(CAST(\1 AS JSON)) AS \2(value)",
        },
    ),
    (  # DAY(x): the day that unix seconds are in, in UTC
        re.compile(rf"\bDAY\({_ARGUMENT}\)"),
        {
            "sqlite": r"date(\1, 'unixepoch')",
            "postgresql": r"CAST(to_timestamp(CAST(\1 AS BIGINT)) AT TIME ZONE 'UTC' AS DATE)",
        },
    ),
    (  # WEEK(x): the Monday of a day's week
        re.compile(rf"\bWEEK\({_ARGUMENT}\)"),
        {
            "sqlite": r"date(\1, '-6 days', 'weekday 1')",
            "postgresql": r"CAST(date_trunc('week', \1) AS DATE)",
        },
    ),
    (  # MONTH(x): the first day of a day's month
        re.compile(rf"\bMONTH\({_ARGUMENT}\)"),
        {
            "sqlite": r"date(\1, 'start of month')",
            "postgresql": r"CAST(date_trunc('month', \1) AS DATE)",
        },
    ),
    (  # MONTH_DAYS(x): how many days a day's month has
        re.compile(rf"\bMONTH_DAYS\({_ARGUMENT}\)"),
        {
            "sqlite": "CAST(strftime('%d',"
            r" \1, 'start of month', '+1 month', '-1 day') AS INTEGER)",
            "postgresql": "CAST(date_part('day',"
            r" date_trunc('month', \1) + INTERVAL '1 month - 1 day') AS INTEGER)",
        },
    ),
    (  # FIELD(x, name): a field of a JSON object as text, or as what SQLite makes of it
        re.compile(r"\bFIELD\(([\w.]+), (\w+)\)"),
        {"sqlite": r"json_extract(\1, '$.\2')", "postgresql": r"(CAST(\1 AS JSON) ->> '\2')"},
    ),
)


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the schema up to `revision`, and the views to what this version defines.

    Safe for several at once: SQLite's write lock is the caller's already, PostgreSQL's is taken
    here, and whoever comes second finds nothing left to do.
    """
    config = _prepared(connection)
    command.upgrade(config, revision)
    create_views(connection)


def revert(connection: Connection, revision: str = "base") -> None:
    """Take the schema down to `revision`; "base" takes everything away, data included."""
    command.downgrade(_prepared(connection), revision)


def migrations() -> Path:
    """Return the folder of migrations: inside the package in a wheel, beside it in a checkout."""
    inside = _HERE.parent / "migrations"
    return inside if inside.is_dir() else _HERE.parents[1] / "migrations"


def view_sources() -> dict[str, str]:
    """Return the views' SELECT statements by name; for UTC, EACH, FIELD see `_MACROS`."""
    return {name: view.select for name, view in views().items()}


def ordered_views() -> list[str]:
    """Return the views' names, each after those that it reads."""
    sources = view_sources()
    reads = {
        name: sources.keys() & set(re.findall(r"\b(?:FROM|JOIN) (\w+)", source)) - {name}
        for name, source in sources.items()
    }
    return list(TopologicalSorter(reads).static_order())


def views_digest() -> str:
    """Return a digest of all views: it changes when a view does, and then HEAD must change."""
    return hashlib.blake2b(repr(view_sources()).encode(), digest_size=8).hexdigest()


def drop_views(connection: Connection) -> None:
    """Drop the public views: tables beneath a view cannot be altered."""
    for name in reversed(ordered_views()):
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")


def create_views(connection: Connection) -> None:
    """Create the public views as this version defines them."""
    sources = view_sources()
    for name in ordered_views():
        body = sources[name]
        for macro, spelt in _MACROS:
            body = macro.sub(spelt[connection.dialect.name], body)
        connection.exec_driver_sql(f"CREATE VIEW {name} AS\n{body}")


def _prepared(connection: Connection) -> Config:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    drop_views(connection)
    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
