"""What shows the daemon to others is what the settings ask for."""

import json
import socket
from contextlib import AsyncExitStack
from io import StringIO
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from sqlalchemy.ext.asyncio import AsyncEngine

from harvester.bitly.connections import Connections
from harvester.cli.faces import faces
from harvester.cli.logs import listening, logs_for
from harvester.cli.wiring import Bench
from harvester.config import Settings, load
from harvester.domain.events import Event, Notify, StageStarted, TickEnded, ignore
from harvester.domain.levels import Form, Level
from harvester.store.live import live
from tests.cli.test_progress import Terminal
from tests.cli.using import Harvest, answering
from tests.fakes import FakeClock
from tests.store.making import NOW

DEAD = TickEnded("shop", NOW, "open", "not authorised", "401", 1.0, ok=False)
HAPPENED: list[Event] = [StageStarted("shop", "clicks", 30), DEAD]


def settings(folder: Path, toml: str, **environ: str) -> Settings:
    file = folder / "config.toml"
    file.write_text(toml)
    return load(file, {"BITLY_TOKEN": "x", **environ})


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


async def entered(stack: AsyncExitStack, wanted: Settings, engine: AsyncEngine) -> list[Notify]:
    clock, sinks = FakeClock(NOW), list[Notify]()
    bench = Bench(engine, clock, Connections(), ignore)
    shown = faces(wanted, bench, logs_for(wanted, clock, StringIO()), {})
    sinks += [await stack.enter_async_context(face) for face in shown]
    return sinks


async def test_pages_metrics_journal_and_notifications_come_of_one_stream_of_events(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    posted: list[str] = []

    async def take(request: web.Request) -> web.Response:
        posted.append((await request.json())["state"])
        return web.Response()

    app, port = web.Application(), free_port()
    app.router.add_post("/hook", take)
    async with TestServer(app) as server, AsyncExitStack() as stack:
        hook = str(server.make_url("/hook"))
        toml = f"[http]\nport = {port}\n"
        wanted = settings(tmp_path, toml, HARVESTER_WEBHOOK_URL=hook)
        sinks = await entered(stack, wanted, engine)
        for event in HAPPENED:
            for sink in sinks:
                sink(event)
        async with ClientSession(f"http://127.0.0.1:{port}") as browser:
            metrics = await (await browser.get("/metrics")).text()
            assert 'harvester_runs_total{account="shop",outcome="not authorised"} 1.0' in metrics
            assert (await browser.get("/")).status == 200
    assert posted == ["dead"]
    assert [each.account for each in (await live(engine, NOW)).activities] == ["shop"]


async def test_nothing_listens_and_nobody_is_told_unless_asked_for(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        wanted = settings(tmp_path, '[http]\nport = "none"\n')
        assert len(await entered(stack, wanted, engine)) == 1  # the journal


@pytest.mark.parametrize(
    ("form", "stream", "is_json"),
    [
        (Form.AUTO, StringIO(), True),
        (Form.AUTO, Terminal(), False),
        (Form.JSON, Terminal(), True),
        (Form.TEXT, StringIO(), False),
    ],
)
async def test_the_log_has_the_form_that_fits_its_stream(
    form: Form, stream: StringIO, is_json: bool, tmp_path: Path
) -> None:
    wanted = settings(tmp_path, f'[log]\nformat = "{form}"\nlevel = "warning"\n')
    log = logs_for(wanted, FakeClock(NOW), stream)
    with listening(log):
        log.write(Level.INFO, "too little")
        log.write(Level.WARNING, "said")
    [line] = stream.getvalue().splitlines()
    assert line.startswith("{") is is_json
    assert "said" in line


def test_a_webhook_can_be_tried(harvest: Harvest, monkeypatch: pytest.MonkeyPatch) -> None:
    assert harvest("check", "--notify").error == "notify.webhook is not set: nobody is notified"
    with answering(404, b"") as url:
        monkeypatch.setenv("HARVESTER_WEBHOOK_URL", f"{url}/secret-path")
        said = harvest("check", "--notify")
    assert said.code == 1
    assert said.error.startswith("the webhook did not take a notification: HTTP ")
    assert "secret-path" not in said.err


def test_a_wrong_webhook_is_not_shown(harvest: Harvest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARVESTER_WEBHOOK_URL", "secret-path")
    said = harvest("check")
    assert said.code == 2
    assert "HARVESTER_WEBHOOK_URL: notify.webhook: expected an address" in said.error
    assert "secret-path" not in said.err


def test_with_debug_one_harvest_tells_of_each_request(harvest: Harvest) -> None:
    said = harvest("--since", "1d", "--facet", "clicks", "--debug", "--json")
    told = [json.loads(line) for line in said.err.splitlines()]
    sent = [entry for entry in told if entry["event"] == "requested"]
    assert len(sent) == json.loads(said.out)["runs"][0]["counts"]["requests"]
    assert "run ended" in {entry["event"] for entry in told}
