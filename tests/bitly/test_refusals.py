"""Each documented error body becomes its own error, and garbage becomes a named one too."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.bitly import errors
from harvester.bitly.errors import BitlyError, FieldError
from harvester.bitly.refusals import refused
from tests.bitly.serving import Sample

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "name", "kind"),
    [
        (400, "error_400_invalid_unit_ASSEMBLED", errors.InvalidArgument),
        (401, "oauth_401_invalid_code_2019", errors.NotAuthorised),
        (402, "2025_error_402_upgrade_required", errors.UpgradeRequired),
        (403, "error_403_forbidden", errors.Forbidden),
        (403, "v3_error_403_rate_limit_2011", errors.RateLimited),
        (404, "error_404_unknown_route", errors.UnknownRoute),
        (429, "error_429_monthly_OPENAPI_EXAMPLE", errors.UsageLimitExceeded),
    ],
)
def test_recorded_error_is_its_own_kind(
    sample: Sample, status: int, name: str, kind: type[BitlyError]
) -> None:
    assert type(refused(status, {}, sample(name), NOW)) is kind


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "BAD_REQUEST", errors.BadRequest),
        (400, "INVALID_ARG_SIZE", errors.InvalidArgument),
        (404, "NOT_FOUND", errors.NotFound),
        (405, "METHOD_NOT_ALLOWED", errors.MethodNotAllowed),
        (408, "", errors.Timeout),
        (409, "CONFLICT", errors.BadRequest),
        (410, "GONE", errors.Gone),
        (417, "DNS_CONFIGURATION_ERROR", errors.ExpectationFailed),
        (422, "UNPROCESSABLE_ENTITY", errors.UnprocessableEntity),
        (429, "RATE_LIMIT_EXCEEDED", errors.RateLimited),
        (429, "SOMETHING_NEW", errors.RateLimited),
        (403, "RATE_LIMIT_EXCEEDED", errors.RateLimited),
        (403, "API_USAGE_LIMIT_EXCEEDED", errors.UsageLimitExceeded),
        (429, "MONTHLY_LIMIT_EXCEEDED", errors.UsageLimitExceeded),
        (429, "MONTHLY_ENCODE_LIMIT_REACHED", errors.EncodeLimitReached),
        (429, "MONTHLY_BSD_ENCODE_LIMIT_REACHED", errors.EncodeLimitReached),
        (500, "INTERNAL_ERROR", errors.InternalError),
        (502, "BAD_GATEWAY", errors.BadGateway),
        (503, "TEMPORARILY_UNAVAILABLE", errors.TemporarilyUnavailable),
        (599, "", errors.ServerError),
        (302, "", errors.Redirected),
        (204, "", errors.NotJson),
    ],
)
def test_status_and_code_decide_the_kind(status: int, code: str, kind: type[BitlyError]) -> None:
    body = f'{{"message":"{code}","description":"So it is."}}'.encode()
    error = refused(status, {}, body, NOW)
    assert type(error) is kind
    assert (error.status, error.code, error.description) == (status, code, "So it is.")
    assert str(error).startswith(f"Bitly answered {status} ")


def test_invalid_argument_names_the_field(sample: Sample) -> None:
    error = refused(400, {}, sample("error_400_invalid_unit_ASSEMBLED"), NOW)
    assert error.fields == (FieldError("unit", "invalid"),)
    assert "[unit]" in str(error)


def test_used_up_month_lasts_until_the_next_has_begun_in_every_time_zone() -> None:
    error = refused(429, {}, b'{"message":"API_USAGE_LIMIT_EXCEEDED","errors":{}}', NOW)
    assert isinstance(error, errors.UsageLimitExceeded)
    assert error.until == datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("17", timedelta(seconds=17)),
        ("Sat, 21 Nov 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Sat, 21 Nov 2026 12:01:00 -0000", timedelta(minutes=1)),
        ("Sat, 21 Nov 2026 11:00:00 GMT", timedelta()),
        ("9" * 30, None),
        ("99999999", timedelta(days=1)),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_a_day_at_most(
    header: str, wait: timedelta | None
) -> None:
    error = refused(429, {"Retry-After": header}, b"", NOW)
    assert isinstance(error, errors.RateLimited)
    assert error.retry_after == wait


@given(status=st.integers(201, 599), body=st.binary(max_size=400))
def test_any_garbage_is_an_error_of_one_printable_line(status: int, body: bytes) -> None:
    line = str(refused(status, {}, body, NOW))
    assert line.isprintable()
    assert len(line) < 300
