"""Notifications reach a webhook once, and a webhook that fails costs nothing but its own time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from harvester.daemon.news import News
from harvester.daemon.notify import LAST_WORD, PAUSES, NotSent, Webhook, notifying
from harvester.domain.events import Event, Notified, TickEnded
from tests.fakes import FakeClock
from tests.store.making import NOW

PATH = "/services/secret-path"
DEAD = TickEnded("shop", NOW, "open", "not authorised", "401", 1.0, ok=False)
FINE = TickEnded("shop", NOW, "open", "complete", "", 1.0, ok=True)


@dataclass
class Hook:
    """A webhook that answers with each of `statuses`, and with the last one from then on."""

    statuses: list[int] = field(default_factory=lambda: [200])
    posted: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.posted.append(await request.json())
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return web.Response(status=status, headers={"Location": f"{self.url}/elsewhere"})


@asynccontextmanager
async def hooked(*statuses: int) -> AsyncIterator[Hook]:
    hook = Hook(list(statuses) or [200])
    app = web.Application()
    app.router.add_post("/{path:.*}", hook.take)
    async with TestServer(app) as server:
        hook.url = str(server.make_url(PATH))
        yield hook


async def tell(
    hook: Hook, engine: AsyncEngine, *events: Event, patience: timedelta = LAST_WORD
) -> list[Notified]:
    """Let a daemon of its own tell `events`; return how that ended."""
    ended: list[Notified] = []

    def notify(event: Event) -> None:
        assert isinstance(event, Notified)
        ended.append(event)

    webhook = Webhook(hook.url, FakeClock(NOW))
    async with notifying(webhook, engine, notify, patience=patience) as sink:
        for event in events:
            sink(event)
    return ended


async def test_a_state_is_told_once_also_over_a_restart(engine: AsyncEngine) -> None:
    async with hooked() as hook:
        await tell(hook, engine, FINE, DEAD, DEAD)
        await tell(hook, engine, DEAD)
        await tell(hook, engine, FINE, FINE)
    assert [each["state"] for each in hook.posted] == ["dead", "well"]
    assert hook.posted[1]["type"] == "success"
    assert hook.posted[0] == {
        "text": "harvester: account shop: Bitly does not accept the token: 401",
        "body": "harvester: account shop: Bitly does not accept the token: 401",
        "type": "failure",
        "source": "harvester",
        "account": "shop",
        "topic": "token",
        "state": "dead",
        "detail": "Bitly does not accept the token: 401",
        "at": "2026-11-21T12:00:00Z",
    }


async def test_what_was_not_taken_is_told_the_next_time(engine: AsyncEngine) -> None:
    async with hooked(404, 200) as hook:
        assert [each.ok for each in await tell(hook, engine, DEAD, DEAD)] == [False, True]


@pytest.mark.parametrize(
    ("status", "attempts"), [(500, 4), (429, 4), (404, 1), (302, 1), (204, 1), (200, 1)]
)
async def test_a_webhook_is_tried_again_where_that_may_help(status: int, attempts: int) -> None:
    clock = FakeClock(NOW)
    async with hooked(status) as hook:
        sending = Webhook(hook.url, clock).send(News("shop", "token", "dead"))
        if status < 300:
            await sending
        else:
            with pytest.raises(NotSent, match=f"HTTP {status}"):
                await sending
    assert len(hook.posted) == attempts
    assert clock.now() - NOW == sum(PAUSES[: attempts - 1], start=NOW - NOW)


async def test_nobody_sees_the_address_of_a_dead_webhook(engine: AsyncEngine) -> None:
    dead = Hook(url=f"http://127.0.0.1:9{PATH}")
    [ended] = await tell(dead, engine, DEAD)
    assert not ended.ok
    assert "secret-path" not in repr((ended, Webhook(dead.url, FakeClock(NOW))))


async def test_a_webhook_that_never_answers_holds_nothing_up(engine: AsyncEngine) -> None:
    never = asyncio.Event()

    async def wait(_request: web.Request) -> web.Response:
        await never.wait()
        return web.Response()

    app = web.Application()
    app.router.add_post(PATH, wait)
    async with TestServer(app) as server:
        hook = Hook(url=str(server.make_url(PATH)))
        assert await tell(hook, engine, DEAD, patience=timedelta(milliseconds=50)) == []
        never.set()


async def test_a_database_that_is_gone_keeps_nothing_from_being_told() -> None:
    gone = create_async_engine("postgresql+asyncpg://127.0.0.1:9/nothing")
    async with hooked() as hook:
        assert [each.ok for each in await tell(hook, gone, DEAD, DEAD)] == [True]
    assert [each["state"] for each in hook.posted] == ["dead"]
