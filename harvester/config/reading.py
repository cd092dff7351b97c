"""From files, environment and flags to Settings. A plain walk along the schema."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from harvester.config import tokens
from harvester.config.ranges import ranges
from harvester.config.settings import (
    SECTIONS,
    Account,
    AccountKeys,
    AttributionKeys,
    Origin,
    Schedule,
    Settings,
)
from harvester.config.sources import OF_FILE, Sources, read, refuse_unknown
from harvester.domain.attribution import Attribution
from harvester.domain.errors import ConfigError

DEFAULT_FILE = Path("config.toml")
FILE_VARIABLE = "HARVESTER_CONFIG"
TOKEN_VARIABLE = "BITLY_TOKEN"  # noqa: S105 - the name of a variable

_NONE: Mapping[str, object] = MappingProxyType({})


def load(
    path: Path | None,
    environ: Mapping[str, str],
    *,
    flags: Mapping[str, object] = _NONE,
    with_accounts: bool = True,
) -> Settings:
    """Return the settings, flags over environment over file over defaults.

    The file is `path`, else what HARVESTER_CONFIG names, else ./config.toml if that exists.
    `flags` are by key path ("database.url"); None and () count as not given. Without
    `with_accounts` no token is needed or read, and `accounts` is empty. Raises ConfigError.
    """
    file = _file(path, environ)
    document = _document(file) if file else {}
    sources = Sources(file, environ, flags)
    refuse_unknown(document, (*SECTIONS, "accounts", "attribution"), "", file)
    sections: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for name, schema in SECTIONS.items():
        sections[name], of_section = read(schema, name, document.get(name, {}), sources)
        origins |= of_section
    if strange := flags.keys() - origins.keys():
        raise KeyError(*strange)
    accounts: tuple[Account, ...] = ()
    warnings: tuple[str, ...] = ()
    if with_accounts:
        listed = document.get("accounts", [])
        shared = _Shared(sections["harvest"].facets, document.get("schedule", {}))
        accounts, warnings = _accounts(listed, sources, shared)
        origins["accounts"] = Origin.FILE if listed else Origin.ENVIRONMENT
    return Settings(
        **sections,
        accounts=accounts,
        attribution=_ranges(document.get("attribution", []), sources),
        file=file,
        origins=MappingProxyType(origins),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _file(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    if path:
        return path
    if named := environ.get(FILE_VARIABLE):
        return Path(named)
    return DEFAULT_FILE if DEFAULT_FILE.exists() else None


def _document(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:  # not TOML, or not UTF-8
        raise ConfigError(f"{file}: is no TOML: {' '.join(str(error).split())}") from None


@dataclass(frozen=True, slots=True)
class _Shared:
    """What holds for an account that says nothing else; `schedule` is the table as written."""

    facets: tuple[str, ...]
    schedule: Mapping[str, object]


def _accounts(
    listed: object, sources: Sources, shared: _Shared
) -> tuple[tuple[Account, ...], tuple[str, ...]]:
    """Return the accounts and what a person should be warned of."""
    if not isinstance(listed, list):
        raise ConfigError(f"{sources.file}: accounts: expected [[accounts]], in double brackets")
    if not listed:
        listed = [{"name": "default", **_only_token(sources.environ)}]
    written = [_account_keys(number, table, sources) for number, table in enumerate(listed, 1)]
    names = [keys.name for keys in written]
    if doubled := [name for name in names if names.count(name) > 1]:
        raise ConfigError(f"{sources.file}: accounts: two have the name {doubled[0]!r}")
    folder = sources.file.parent if sources.file else Path()
    accounts = tuple(_account(keys, folder, sources, shared) for keys in written)
    return accounts, tuple(_warnings(written, folder, sources))


def _only_token(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return where the token of the only account is, if no account is listed."""
    if named := environ.get(f"{TOKEN_VARIABLE}{OF_FILE}"):
        return {"token_file": str(Path(named).absolute())}
    if environ.get(TOKEN_VARIABLE):
        return {"token_env": TOKEN_VARIABLE}
    raise ConfigError(
        f"no account: set {TOKEN_VARIABLE}, or list [[accounts]] in config.toml;"
        f" {tokens.HOW_TO_GET_ONE}"
    )


def _account_keys(number: int, table: object, sources: Sources) -> AccountKeys:
    name = table.get("name") if isinstance(table, Mapping) else None
    path = f"accounts[{name if isinstance(name, str) and name.isprintable() else number}]"
    keys: AccountKeys
    keys, _ = read(AccountKeys, path, table, sources)
    ways = [keys.token_env, keys.token_file, keys.token]
    if sum(way is not None for way in ways) != 1:
        raise ConfigError(
            f"{sources.file}: {path}: expected exactly one of token_env, token_file and token;"
            f" {tokens.HOW_TO_GET_ONE}"
        )
    return keys


def _account(keys: AccountKeys, folder: Path, sources: Sources, shared: _Shared) -> Account:
    """Return the account with its token. Facets of the command line go over the account's own."""
    own = None if sources.flags.get("harvest.facets") else keys.facets
    if keys.token_env is not None:
        token = tokens.from_variable(keys.name, keys.token_env, sources.environ)
    elif keys.token_file is not None:
        token = tokens.from_file(keys.name, tokens.located(keys.token_file, folder))
    else:
        token = tokens.from_text(keys.name, keys.token or "", allowed=keys.allow_plain_token)
    return Account(
        name=keys.name,
        token=token,
        include_groups=keys.include_groups,
        exclude_groups=keys.exclude_groups,
        watch=keys.watch,
        facets=own or shared.facets,
        history_days=keys.history_days,
        schedule=_schedule(keys, sources, shared.schedule),
    )


def _schedule(keys: AccountKeys, sources: Sources, shared: Mapping[str, object]) -> Schedule:
    """Return the schedule of an account: its own keys over those of `[schedule]`."""
    own = keys.schedule or {}
    left = {key: value for key, value in shared.items() if not (key == "cron" and "every" in own)}
    schedule: Schedule
    schedule, _ = read(Schedule, f"accounts[{keys.name}].schedule", {**left, **own}, sources)
    return schedule


def _ranges(listed: object, sources: Sources) -> tuple[Attribution, ...]:
    """Return the ranges of days by which the clicks of links are told apart."""
    if not isinstance(listed, list):
        raise ConfigError(
            f"{sources.file}: attribution: expected [[attribution]], in double brackets"
        )
    paths = [f"attribution[{number}]" for number in range(1, len(listed) + 1)]
    written = [
        read(AttributionKeys, path, table, sources)[0]
        for path, table in zip(paths, listed, strict=True)
    ]
    try:
        return ranges(dict(zip(paths, written, strict=True)))
    except ConfigError as error:
        raise ConfigError(f"{sources.file}: {error}") from None


def _warnings(written: Iterable[AccountKeys], folder: Path, sources: Sources) -> Iterable[str]:
    for keys in written:
        if keys.token_file is not None and (
            warning := tokens.exposed(tokens.located(keys.token_file, folder))
        ):
            yield warning
        if keys.token is not None and sources.file and (warning := tokens.exposed(sources.file)):
            yield warning
    used = [keys.token_env for keys in written]
    from_file = sources.environ.get(f"{TOKEN_VARIABLE}{OF_FILE}")
    if sources.environ.get(TOKEN_VARIABLE) and TOKEN_VARIABLE not in used and not from_file:
        yield f"{TOKEN_VARIABLE} is set but not used: {sources.file} lists its own accounts"
