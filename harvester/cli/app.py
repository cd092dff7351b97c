"""`harvest`: the front door. Commands are imported when they are used, not before."""

import os
import sys
import traceback
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

import click
from click.core import ParameterSource

from harvester import __version__
from harvester.cli.output import say
from harvester.domain.errors import Exit, HarvesterError
from harvester.report.charts import printable

# name -> (module that holds `command`, one line for the overview)
COMMANDS = {
    "check": ("harvester.cli.check", "Is all in place? Token, groups, plan, limits, database."),
    "plan": ("harvester.cli.plan", "What a harvest would cost, before it is made."),
    "status": ("harvester.cli.status", "How far each group is harvested, what is missing and why."),
    "report": ("harvester.cli.report", "A period against the one before, as text or as a page."),
    "links": ("harvester.cli.links", "Watch other links, see where links lead, find links."),
    "groups": ("harvester.cli.groups", "All groups: names, guids, links, how fresh they are."),
    "export": ("harvester.cli.export", "Back up bitlinks and metrics: JSON, CSV, Parquet."),
    "daemon": ("harvester.cli.daemon", "Harvest on schedule, until told to stop."),
    "demo": ("harvester.cli.demo", "Harvest a made-up account and show what comes of it."),
    "sandbox": ("harvester.cli.sandbox", "Run a stand-in for Bitly's API on this machine."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module only to run it or to show its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of the table above."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command; None if there is no such command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the overview from the table, without importing anything."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 complete, 1 unexpected error, 2 usage or configuration, 3 finished with "
    "something missing, 4 not authorised, 5 quota used up, 130 interrupted.",
)
@click.option("--since", metavar="WHEN", help="First day: 2026-11-01, 7d, yesterday, a timestamp.")
@click.option("--until", metavar="WHEN", help="Last day, included; today if not given.")
@click.option("--account", "accounts", multiple=True, metavar="NAME", help="Only this account.")
@click.option(
    "--group", "groups", multiple=True, metavar="NAME", help="Only this group, name or guid."
)
@click.option("--facet", "facets", multiple=True, metavar="FACET", help="Only this facet.")
@click.option(
    "--strategy",
    type=click.Choice(["economical", "exhaustive"]),
    help="Ask only where there can be clicks (default), or for everything.",
)
@click.option(
    "--budget",
    type=click.Choice(["even", "greedy"]),
    help="Spread the month's requests over its days (default), or spend its rest now.",
)
@click.option(
    "--resolution",
    type=click.Choice(["day", "adaptive"]),
    help="Breakdowns by day (default), or by week or month where days cannot be afforded.",
)
@click.option("--refresh", is_flag=True, help="List all groups and bitlinks anew.")
@click.option("--config", metavar="FILE", help="Settings; ./config.toml if there is one.")
@click.option("--database", metavar="URL", help="Default: harvester.db in this folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("--debug", is_flag=True, help="Show tracebacks, and each request.")
@click.version_option(__version__, prog_name="harvest")
@click.pass_context
def cli(ctx: click.Context, /, **options: Any) -> None:
    """Collect the clicks of every bitlink of a Bitly account into SQL.

    Without a command it harvests: `harvest --since 7d` the last seven days, `harvest` alone goes
    on from where the store stands (the first time: the last 30 days). All it needs is a token in
    the environment variable BITLY_TOKEN.
    """
    if ctx.invoked_subcommand is None:
        code = import_module("harvester.cli.harvest").run(options)
        ctx.exit(code)
    _pass_on(ctx, ctx.invoked_subcommand)


def _pass_on(ctx: click.Context, name: str) -> None:
    """Let an option before a command's name hold for the command, or refuse it: never ignore it."""
    command = cli.get_command(ctx, name)
    taken = {"debug", *(option.name for option in command.params)} if command else {"debug"}
    given = {}
    for option in cli.params:
        if ctx.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE:
            if option.name not in taken:
                raise click.UsageError(f"{option.opts[0]} means nothing to {name}", ctx)
            given[option.name] = ctx.params[option.name]
    ctx.default_map = {name: given}


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run `harvest` and leave the process with its exit code; errors are one line each."""
    words = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in words
    _take_any_text()
    if not debug:
        sys.excepthook = _say_unexpected
    try:
        sys.exit(cli.main(words, prog_name="harvest", standalone_mode=False))
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        help_of = context.command_path if context else "harvest"
        say(f"harvest: {_line(error.format_message())} See {help_of} --help", err=True)
        sys.exit(Exit.USAGE)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(Exit.INTERRUPTED)
    except HarvesterError as error:
        if debug:
            traceback.print_exc()
        else:
            say(f"harvest: {_line(str(error))}", err=True)
        sys.exit(error.exit_code)


def _take_any_text() -> None:
    """Let no title stop a command: replace what a stream cannot show, give a closed one a place."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # `>&-`: a database or socket must not become descriptor 1
            nothing = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end
            setattr(sys, name, nothing)
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _line(text: str) -> str:
    return printable(" ".join(text.split()), most=1_000)


def _say_unexpected(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Stand in for Python's traceback; the interpreter then leaves with 1 by itself."""
    del trace
    say(
        f"harvest: unexpected {kind.__name__}: {_line(str(error))}"
        " (run again with --debug for the traceback)",
        err=True,
    )
