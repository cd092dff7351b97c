"""One tree of errors: a single root, a sentence for each, and an exit code."""

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType

import pytest

import harvester
from harvester.config.values import ExpectedError
from harvester.domain.errors import Exit, HarvesterError

# Caught beside where it is raised: half a sentence, which the walker of the settings completes.
INTERNAL = {ExpectedError}


def modules() -> list[ModuleType]:
    """All modules but the sandbox's: what a stand-in for an API raises is an answer of its own."""
    found = [module.name for module in walk_packages(harvester.__path__, "harvester.")]
    return [import_module(n) for n in found if not re.search(r"\.(sandbox|__main__)\b", n)]


def exceptions(module: ModuleType) -> Iterator[type[BaseException]]:
    """The exception classes that a module itself defines."""
    for member in vars(module).values():
        if not isinstance(member, type) or member.__module__ != module.__name__:
            continue
        if issubclass(member, BaseException):
            yield member


ERRORS = sorted(
    {error for module in modules() for error in exceptions(module)} - INTERNAL,
    key=lambda error: error.__qualname__,
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__qualname__)
def test_error_hangs_on_the_tree_says_what_happened_and_how_the_process_ends(
    error: type[BaseException],
) -> None:
    assert issubclass(error, HarvesterError)
    assert error.__doc__
    assert error.__doc__.splitlines()[0].endswith((".", ";", ":"))
    assert error.exit_code in set(Exit) - {Exit.COMPLETE, Exit.INTERRUPTED}


def test_each_way_to_fail_has_an_error() -> None:
    codes = {error.exit_code for error in ERRORS if issubclass(error, HarvesterError)}
    assert codes == set(Exit) - {Exit.COMPLETE, Exit.INTERRUPTED}
