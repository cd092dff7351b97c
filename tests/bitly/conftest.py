"""What the tests of bitly/ share: a clock, recorded answers, a client that no limit holds back."""

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import Mock

import aioresponses.core
import pytest
from aiohttp import ClientResponse
from aioresponses import aioresponses as mocked

from tests.bitly.serving import Sample
from tests.fakes import FakeClock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class WithStreamWriter(ClientResponse):
    """aioresponses 0.7.9 leaves out `stream_writer`, which aiohttp 3.14 asks for.

    See github.com/pnuckowski/aioresponses/issues/289; without effect once that is mended.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "stream_writer" in inspect.signature(ClientResponse.__init__).parameters:
            kwargs.setdefault("stream_writer", Mock(output_size=0))
        super().__init__(*args, **kwargs)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def dice() -> Random:
    return Random(1)


@pytest.fixture
def sample() -> Sample:
    folder = Path(__file__).parent.parent / "samples"
    return lambda name: next(folder.glob(f"{name}.*")).read_bytes()


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[mocked]:
    monkeypatch.setattr(aioresponses.core, "ClientResponse", WithStreamWriter)
    with mocked() as api:
        yield api
