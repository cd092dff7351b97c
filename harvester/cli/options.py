"""Options that several commands share, and the settings that come of them."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from harvester.cli.output import say
from harvester.config import Account, Settings, load
from harvester.domain.errors import ConfigError

Command = TypeVar("Command", bound=Callable[..., Any])

_CONFIG = click.option("--config", metavar="FILE", help="Settings; ./config.toml if there is one.")
_DATABASE = click.option("--database", metavar="URL", help="Default: harvester.db in this folder.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
budget = click.option(
    "--budget",
    type=click.Choice(["even", "greedy"]),
    help="Spread the month's requests over its days (default), or spend its rest now.",
)
debug = click.option("--debug", is_flag=True, expose_value=False, help="Show tracebacks.")


def shared(command: Command) -> Command:
    """Give a command the options --config, --database, --json and --debug."""
    for option in (debug, _JSON, _DATABASE, _CONFIG):
        command = option(command)
    return command


def settings_from(options: Mapping[str, Any], *, with_accounts: bool = True) -> Settings:
    """Load the settings that `options` (by option name) and the environment point to.

    Warnings go to stderr. Raises ConfigError.
    """
    flags: dict[str, object] = {
        "database.url": options["database"],
        "harvest.facets": list(options.get("facets") or ()) or None,
        "harvest.strategy": options.get("strategy"),
        "limits.budget": options.get("budget"),
        "harvest.resolution": options.get("resolution"),
    }
    path = Path(options["config"]) if options["config"] else None
    settings = load(path, os.environ, flags=flags, with_accounts=with_accounts)
    if not options.get("quiet"):
        for warning in settings.warnings:
            say(f"harvest: warning: {warning}", err=True)
    return settings


def accounts_from(settings: Settings, names: tuple[str, ...]) -> list[Account]:
    """Return the accounts called `names`, or all. Raises ConfigError for one that is not there."""
    there = {account.name: account for account in settings.accounts}
    for name in names:
        if name not in there:
            raise ConfigError(f"no account {name!r}; there are: {', '.join(there)}")
    return [account for account in settings.accounts if not names or account.name in names]
