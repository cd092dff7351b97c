"""Moves the schema between revisions, views included, in one transaction of the caller's."""

import hashlib
import re
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

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
    return {path.stem: path.read_text("utf-8") for path in sorted(_HERE.glob("views/*.sql"))}


def views_digest() -> str:
    """Return a digest of all views: it changes when a view does, and then HEAD must change."""
    return hashlib.blake2b(repr(view_sources()).encode(), digest_size=8).hexdigest()


def drop_views(connection: Connection) -> None:
    """Drop the public views: tables beneath a view cannot be altered."""
    for name in view_sources():
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")


def create_views(connection: Connection) -> None:
    """Create the public views as this version defines them."""
    for name, select in view_sources().items():
        body = select
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
