"""The examples of docs/library.md run as they stand, and it names every public method."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from harvester.bitly import Bitly
from harvester.clock import SystemClock
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.world import World
from tests.test_public_api import METHODS

PAGE = (Path(__file__).parent.parent / "docs" / "library.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_each_public_method_is_named() -> None:
    for resource, methods in METHODS.items():
        named = {*re.findall(r"`(\w+)`", PAGE)}
        assert set(methods.split()) - {"requests"} <= named, resource


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    world = World(today=SystemClock().now().date(), links=4, groups=1, days=2)
    async with running(world) as sandbox:
        yield sandbox


def examples() -> dict[str, Any]:
    """Return the names that the examples define; what they run at once is left out."""
    names: dict[str, Any] = {}
    for example in EXAMPLES:
        exec(example.replace("asyncio.run(main())", ""), names)  # noqa: S102 - our own page
    return names


async def test_the_examples_run(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def at_sandbox(token: str, **options: Any) -> Bitly:
        return Bitly(token, base_url=sandbox.url, **options)

    names = examples()
    names["Bitly"] = at_sandbox
    monkeypatch.setenv("BITLY_TOKEN", sandbox.token)
    await names["main"]()
    links = sandbox.world.links(next(iter(sandbox.world.groups)))
    assert all(link.long_url in capsys.readouterr().out for link in links[:1])
    async with at_sandbox(sandbox.token) as bitly:
        await names["last_week"](bitly, links[0].id)
        await names["cities_if_any"](bitly, links[0].id)
        [group] = await bitly.groups.all()
        assert isinstance(await names["spring"](bitly, group.guid), list)
    assert await names["two"](sandbox.token, sandbox.token) == [sandbox.world.login] * 2
