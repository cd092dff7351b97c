"""What can go wrong with the database, by consequence, and the one place that tells it apart.

StoreError            exit 1
  StoreUnavailable           not there, not readable, full, wrong password: a person mends it
  StoreBusy                  held by somebody else for longer than we wait: try again later
  StoreTooNew                written by a newer harvester: install that one
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from harvester.domain.errors import HarvesterError

# SQLSTATE: serialization failure, deadlock, lock not available, too many connections
_BUSY_STATES = {"40001", "40P01", "55P03", "53300"}
# Low bytes of sqlite.org/rescode.html: SQLITE_BUSY, SQLITE_LOCKED; SQLITE_CORRUPT, SQLITE_NOTADB
_BUSY_CODES = {5, 6}
_BROKEN_CODES = {11, 26}
# SQLSTATE classes of a server or a way to it that is amiss: connection, authorization, catalog
# name, resources, operator intervention, system (postgresql.org/docs/current/errcodes-appendix)
_UNAVAILABLE_CLASSES = {"08", "28", "3D", "53", "57", "58"}


class StoreError(HarvesterError):
    """The database did not do what was asked."""


class StoreUnavailable(StoreError):
    """The database cannot be reached, read or written."""


class StoreBusy(StoreError):
    """The database is held by another process for longer than the harvester waits."""


class StoreTooNew(StoreError):
    """The database's schema is newer than this harvester knows."""


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn the drivers' operational errors into StoreBusy or StoreUnavailable about `where`.

    `where` is the database's URL with its password hidden. Our own mistakes (a broken constraint,
    a wrong statement) pass through untouched: they are bugs and shall look like bugs.
    """
    try:
        yield
    except PoolTimeoutError as error:
        raise StoreBusy(f"{where}: no connection became free: {_line(error)}") from error
    except DBAPIError as error:
        kind = _consequence(error)
        if kind is None:
            raise
        raise kind(f"{where}: {_line(error.orig or error)}") from error
    except sqlite3.Error as error:  # of a file opened without SQLAlchemy
        busy = getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY_CODES
        kind = StoreBusy if busy else StoreUnavailable
        raise kind(f"{where}: {_line(error)}") from error
    except OSError as error:  # asyncpg lets a refused connection through as it comes
        raise StoreUnavailable(f"{where}: {_line(error)}") from error


def _consequence(error: DBAPIError) -> type[StoreError] | None:
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    state = getattr(error.orig, "sqlstate", None) or ""
    if state in _BUSY_STATES or code in _BUSY_CODES:
        return StoreBusy
    operational = isinstance(error, OperationalError | InterfaceError)
    amiss = code in _BROKEN_CODES or state[:2] in _UNAVAILABLE_CLASSES
    return StoreUnavailable if operational or amiss or error.connection_invalidated else None


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
