"""The tree of errors: one root, a sentence each, a known exit code."""

import inspect
from datetime import UTC, datetime

import pytest

from harvester.bitly import errors
from harvester.bitly.errors import BitlyError, QuotaUsedUp, Refusal
from harvester.domain.errors import Exit

TREE = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
KINDS = [kind for kind in TREE if issubclass(kind, BitlyError)]
UNTIL = datetime(2026, 12, 1, tzinfo=UTC)


def made(kind: type[BitlyError]) -> BitlyError:
    return kind(until=UNTIL) if issubclass(kind, QuotaUsedUp) else kind()


@pytest.mark.parametrize("kind", KINDS)
def test_each_error_stands_in_the_drawn_tree_and_says_a_sentence(kind: type[BitlyError]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")
    assert str(made(kind)) == (kind.__doc__ or "").partition("\n")[0]
    assert kind.exit_code in Exit


def test_error_names_request_and_attempts_and_carries_what_bitly_said() -> None:
    error = errors.InvalidArgument("no", Refusal(400, "INVALID_ARG_UNIT", "wrong"))
    error.add_request("GET /x", 3)
    assert str(error) == "no (GET /x, 3 attempts)"
    assert (error.status, error.code, error.description) == (400, "INVALID_ARG_UNIT", "wrong")
    assert error.fields == ()


def test_error_without_an_answer_has_no_status() -> None:
    error = errors.Timeout()
    assert (error.status, error.code, error.description, error.fields) == (None, "", "", ())


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.NotAuthorised, Exit.NOT_AUTHORISED),
        (errors.UsageLimitExceeded, Exit.QUOTA),
        (errors.ReserveReached, Exit.QUOTA),
        (errors.Timeout, Exit.INCOMPLETE),
        (errors.InvalidArgument, Exit.UNEXPECTED),
    ],
)
def test_exit_code_follows_from_the_kind(kind: type[BitlyError], code: Exit) -> None:
    assert made(kind).exit_code is code
