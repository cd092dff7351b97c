"""The schema. A field is the key of that name in config.toml: its default, parser and variable."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from harvester.bitly.facets import DEFAULT
from harvester.bitly.rosters import ROSTERS
from harvester.config import values
from harvester.config.tokens import Secret
from harvester.domain.attribution import Attribution
from harvester.domain.levels import Form, Level
from harvester.domain.windows import Unit
from harvester.harvest.job import Budget
from harvester.harvest.plan import Strategy
from harvester.harvest.resolution import Resolution


class Origin(StrEnum):
    """Where a value came from; each goes over the ones before it."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    FLAG = "flag"


_NONE: Final = timedelta()
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


def _key(
    parse: Callable[[object], object],
    default: object = MISSING,
    *,
    variable: str | None = None,
    secret: bool = False,
) -> Any:
    """Describe a key. A `secret` value is shown neither in a message nor in a repr."""
    metadata = {"parse": parse, "variable": variable, "secret": secret}
    return field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Database:
    """`[database]`: where the facts are kept. The URL may hold a password."""

    url: str = _key(
        values.text, "sqlite:///harvester.db", variable="HARVESTER_DATABASE_URL", secret=True
    )


@dataclass(frozen=True, slots=True)
class Bitly:
    """`[bitly]`: the way to the API. Bitly takes 5 connections at once from one address."""

    api_url: str = _key(values.api_url, "https://api-ssl.bitly.com/v4", variable="BITLY_API_URL")
    timeout_seconds: int = _key(values.whole(1, 600), 30)
    attempts: int = _key(values.whole(1, 10), 4)
    connections: int = _key(values.whole(1, 5), 5)


@dataclass(frozen=True, slots=True)
class Harvest:
    """`[harvest]`: what is asked for, and how sparingly."""

    facets: tuple[str, ...] = _key(values.facets, DEFAULT)
    rosters: tuple[str, ...] = _key(values.rosters, tuple(ROSTERS))
    unit: Unit = _key(values.choice(Unit.DAY), Unit.DAY)  # noqa: RUF009 - it makes a field
    strategy: Strategy = _key(  # noqa: RUF009 - it makes a field
        values.choice(*Strategy), Strategy.ECONOMICAL
    )
    resolution: Resolution = _key(  # noqa: RUF009 - it makes a field
        values.choice(*Resolution), Resolution.DAY
    )
    settle_days: int = _key(values.whole(0, 60), 3)
    first_run_days: int = _key(values.whole(1, 3650), 30)
    hourly_days: int = _key(values.whole(0, 60), 0)
    refresh_days: int = _key(values.whole(1, 28), 7)
    lease_seconds: int = _key(values.whole(2, 3600), 60)


@dataclass(frozen=True, slots=True)
class Limits:
    """`[limits]`: "learn" and None stand for what Bitly says of its limits."""

    requests_per_hour: int | Literal["learn"] = _key(values.learn_or_whole(1, 1_000_000), "learn")
    month_requests: int | None = _key(values.whole(1, 1_000_000_000), None)
    reserve_percent: int = _key(values.whole(0, 100), 20)
    history_days: int | Literal["learn"] = _key(values.history, "learn")
    budget: Budget = _key(values.choice(*Budget), Budget.EVEN)  # noqa: RUF009 - it makes a field


@dataclass(frozen=True, slots=True)
class Schedule:
    """`[schedule]`: when the daemon harvests; `cron`, where it is given, in place of `every`."""

    every: timedelta = _key(  # noqa: RUF009 - it makes a field
        values.length(timedelta(minutes=1), 31 * _DAY), 6 * _HOUR
    )
    cron: str | None = _key(values.cron, None)
    zone: str = _key(values.zone, "UTC")
    jitter: timedelta = _key(values.length(_NONE, _DAY), timedelta(minutes=1))  # noqa: RUF009
    at_start: bool = _key(values.truth, default=True)
    settle_every: timedelta = _key(values.length(_NONE, 31 * _DAY), _DAY)  # noqa: RUF009
    backfill_every: timedelta = _key(values.length(_NONE, 31 * _DAY), _DAY)  # noqa: RUF009


@dataclass(frozen=True, slots=True)
class Report:
    """`[report]`: how what was harvested is shown."""

    zone: str = _key(values.zone, "UTC")


@dataclass(frozen=True, slots=True)
class Http:
    """`[http]`: where the daemon shows its pages. A port of 0 shows none."""

    host: str = _key(values.text, "127.0.0.1", variable="HARVESTER_HTTP_HOST")
    port: int = _key(values.port, 9464)


@dataclass(frozen=True, slots=True)
class Log:
    """`[log]`: how much the daemon writes, and in what form."""

    level: Level = _key(values.choice(*Level), Level.INFO)  # noqa: RUF009 - it makes a field
    format: Form = _key(values.choice(*Form), Form.AUTO)  # noqa: RUF009 - it makes a field


@dataclass(frozen=True, slots=True)
class Notifications:
    """`[notify]`: whom the daemon tells of trouble, and of its end."""

    webhook: Secret | None = _key(  # noqa: RUF009 - it makes a field
        values.webhook, None, variable="HARVESTER_WEBHOOK_URL", secret=True
    )


@dataclass(frozen=True, slots=True)
class AttributionKeys:
    """`[[attribution]]`: what a bitlink was used for, from day to day, both included."""

    link: str = _key(values.link)
    name: str = _key(values.range_name)
    since: date = _key(values.day)  # noqa: RUF009 - it makes a field
    until: date = _key(values.day)  # noqa: RUF009 - it makes a field


@dataclass(frozen=True, slots=True)
class AccountKeys:
    """`[[accounts]]` as written: exactly one of `token_env`, `token_file` and `token` is given."""

    name: str = _key(values.text)
    token_env: str | None = _key(values.variable, None, secret=True)
    token_file: str | None = _key(values.text, None, secret=True)
    token: str | None = _key(values.token_text, None, secret=True)
    allow_plain_token: bool = _key(values.truth, default=False)
    include_groups: tuple[str, ...] = _key(values.names, ())
    exclude_groups: tuple[str, ...] = _key(values.names, ())
    watch: tuple[str, ...] = _key(values.links, ())
    facets: tuple[str, ...] | None = _key(values.facets, None)
    history_days: int | Literal["learn"] | None = _key(values.history, None)
    schedule: Mapping[str, object] | None = _key(values.table, None)


@dataclass(frozen=True, slots=True)
class Account:
    """An account ready for use. Groups are guids or names; no included one means all of them.

    `watch` holds ids of links.

    `history_days` is None where `[limits]` has the word. `schedule` is the one of `[schedule]` with
    what the account has of its own.
    """

    name: str
    token: Secret
    include_groups: tuple[str, ...]
    exclude_groups: tuple[str, ...]
    facets: tuple[str, ...]
    history_days: int | Literal["learn"] | None = None
    watch: tuple[str, ...] = ()
    schedule: Schedule = Schedule()


SECTIONS: Mapping[str, type] = MappingProxyType(
    {
        "database": Database,
        "bitly": Bitly,
        "harvest": Harvest,
        "limits": Limits,
        "schedule": Schedule,
        "report": Report,
        "http": Http,
        "log": Log,
        "notify": Notifications,
    }
)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. `origins` has an entry per key path; `warnings` are lines for a person."""

    database: Database
    bitly: Bitly
    harvest: Harvest
    limits: Limits
    schedule: Schedule
    report: Report
    http: Http
    log: Log
    notify: Notifications
    accounts: tuple[Account, ...]
    attribution: tuple[Attribution, ...]
    file: Path | None
    origins: Mapping[str, Origin]
    warnings: tuple[str, ...]
