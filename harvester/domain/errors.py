"""The root of all errors that a person may see, and the exit codes.

    HarvesterError                exit  what happens next
      ConfigError                 2     nothing is sent; a person mends the setting
      BitlyError                        drawn in bitly/errors.py
      StoreError                        drawn in store/errors.py

A message is one line that says what happened, of which account, link or facet, and what to do.
"""

from enum import IntEnum
from typing import ClassVar


class Exit(IntEnum):
    """Exit codes of every command (docs/configuration.md)."""

    COMPLETE = 0
    UNEXPECTED = 1
    USAGE = 2
    INCOMPLETE = 3
    NOT_AUTHORISED = 4
    QUOTA = 5
    INTERRUPTED = 130


class HarvesterError(Exception):
    """Something went wrong that has a name; `exit_code` is the process's answer to it."""

    exit_code: ClassVar[Exit] = Exit.UNEXPECTED


class ConfigError(HarvesterError):
    """A setting or an argument is wrong: names where it stands and what was expected."""

    exit_code: ClassVar[Exit] = Exit.USAGE


def first_of(group: ExceptionGroup[Exception]) -> Exception:
    """Return the first named error in `group`, or else its first error of all."""
    named = group.subgroup(HarvesterError) or group
    error = named.exceptions[0]
    return first_of(error) if isinstance(error, ExceptionGroup) else error
