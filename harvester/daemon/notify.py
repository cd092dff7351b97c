"""Sends news to a webhook: each thing once, also over restarts, and never at a run's cost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn

import aiohttp
from sqlalchemy.ext.asyncio import AsyncEngine
from yarl import URL

from harvester import __version__
from harvester.clock import Clock
from harvester.daemon.news import WELL, Desk, News, is_new
from harvester.domain.errors import HarvesterError
from harvester.domain.events import Event, Notified, Notify
from harvester.store.errors import StoreError
from harvester.store.notices import save_told, told

WITHIN: Final = aiohttp.ClientTimeout(total=10)
PAUSES: Final = (timedelta(seconds=2), timedelta(seconds=10), timedelta(seconds=60))
LAST_WORD: Final = timedelta(seconds=2)
WAITING: Final = 1_000  # news that wait for a webhook; what comes then is dropped


class NotSent(HarvesterError):
    """A notification could not be delivered."""


def body(found: News, at: datetime) -> dict[str, Any]:
    """Return what is posted.

    `text` is what Slack, Mattermost and the like show, `body` and `type` are what an Apprise API
    server goes by (appriseit.com/api/integrations).
    """
    return {
        "text": found.text(),
        "body": found.text(),
        "type": "success" if found.state == WELL else "failure",
        "source": "harvester",
        "account": found.account or None,
        "topic": found.topic,
        "state": found.state,
        "detail": found.detail,
        "at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
    }


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where notifications go. The URL is a secret: whoever knows it can post.

    What is not taken is sent again after each of `pauses`, if that may help.
    """

    url: str
    clock: Clock
    pauses: tuple[timedelta, ...] = PAUSES

    def __repr__(self) -> str:
        """Show no URL."""
        return "Webhook(hidden)"

    async def send(self, found: News) -> None:
        """Post `found`. Raises NotSent; its message has no URL."""
        last = ""
        for pause in (timedelta(), *self.pauses):
            await self.clock.sleep(pause)
            last, is_final = await self._post(body(found, self.clock.now()))
            if not last:
                return
            if is_final:
                break
        raise NotSent(f"the webhook did not take a notification: {last}")

    async def _post(self, what: dict[str, Any]) -> tuple[str, bool]:
        """Return why it was not taken, empty if it was, and whether to try again is no use."""
        try:
            async with (
                aiohttp.ClientSession(
                    timeout=WITHIN, headers={"User-Agent": f"harvester/{__version__}"}
                ) as session,
                session.post(URL(self.url), json=what, allow_redirects=False) as answer,
            ):
                status = answer.status
        except (
            aiohttp.ClientError,
            TimeoutError,
            ValueError,
        ) as error:
            # and no more of it: its text may hold the URL
            return type(error).__name__, False
        if status < 300:  # noqa: PLR2004 - taken
            return "", True
        return f"HTTP {status}", status < 500 and status != 429  # noqa: PLR2004 - ask later


class _Messenger:
    """Tells what is new, one after the other."""

    def __init__(self, webhook: Webhook, engine: AsyncEngine, notify: Notify) -> None:
        self._webhook, self._engine, self._notify = webhook, engine, notify
        self._known: dict[tuple[str, str], str] | None = None

    async def run(self, waiting: asyncio.Queue[News]) -> NoReturn:
        """Tell whatever comes."""
        while True:
            found = await waiting.get()
            try:
                await self._tell(found)
            finally:
                waiting.task_done()

    async def _tell(self, found: News) -> None:
        if self._known is None:
            try:
                self._known = await told(self._engine)
            except StoreError:  # which is the news, maybe: then twice is better than never
                self._known = {}
        if not is_new(found, self._known.get(found.place)):
            return
        try:
            await self._webhook.send(found)
        except NotSent as error:
            self._notify(Notified(found.text(), ok=False, why=str(error)))
            return
        self._notify(Notified(found.text(), ok=True))
        self._known[found.place] = found.state
        with suppress(StoreError):  # then a restart may tell it again
            at = self._webhook.clock.now()
            await save_told(self._engine, *found.place, found.state, at)


@asynccontextmanager
async def notifying(
    webhook: Webhook, engine: AsyncEngine, notify: Notify, *, patience: timedelta = LAST_WORD
) -> AsyncIterator[Notify]:
    """Yield a sink that sends what is new in a task of its own, until the block ends.

    `notify` is told how each notification ended. What waits at the end is sent within `patience`,
    or never.
    """
    waiting: asyncio.Queue[News] = asyncio.Queue(WAITING)
    messenger = _Messenger(webhook, engine, notify)
    sending = asyncio.create_task(messenger.run(waiting), name="notifications")

    desk = Desk()

    def sink(event: Event) -> None:
        for found in desk.news(event):
            with suppress(asyncio.QueueFull):
                waiting.put_nowait(found)

    try:
        yield sink
    finally:
        with suppress(TimeoutError):  # the last word, if the webhook is quick
            await asyncio.wait_for(waiting.join(), patience.total_seconds())
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
