"""The way of all plain output: nothing from outside acts on a terminal or fakes a line there.

Tables and charts go by rich instead, from texts that `printable` or `clean` have seen.
"""

import json

import click

from harvester.report.charts import clean


def say(*lines: str, err: bool = False) -> None:
    """Print `lines` for a person; an end of a line within one is replaced like a control."""
    for line in lines:
        click.echo(clean(line), err=err)


def say_json(value: object, *, err: bool = False) -> None:
    """Print `value` for a machine, in ASCII; days and instants are ISO text."""
    click.echo(json.dumps(value, default=str, indent=2), err=err)
