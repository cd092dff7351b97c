"""A probe finds out each way that Bitly's API may have, on a sandbox that has it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from harvester.bitly.client import BitlyClient
from harvester.bitly.limiter import Limiter
from harvester.domain.rosters import BitlinkDetails
from harvester.harvest.prelude import prelude
from harvester.harvest.probing import AT_MOST_MORE, REQUESTS, Probe, Probed
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import Sandbox, running
from harvester.sandbox.switches import Habits, Switches
from harvester.sandbox.world import World
from tests.fakes import FakeClock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = NOON.date()
CUSTOM = "bit.ly/sale"


def bitlink(name: str, created_at: datetime) -> BitlinkDetails:
    return BitlinkDetails(name, f"https://{name}", "https://example.com", created_at=created_at)


def world(links: int = 6, days: int = 40, *, apart: bool = True) -> World:
    """A group with one custom back-half, clicked on each day, and links that are not always."""
    ids = [f"bit.ly/{number}" for number in range(links)]
    listed = [bitlink(name, NOON - timedelta(days=days)) for name in ids]
    listed[0] = replace(listed[0], custom_ids=(CUSTOM,))
    clicks: dict[tuple[str, date], int] = {}
    for back in range(days):
        day = TODAY - timedelta(days=back)
        clicks |= {(name, day): (7 * back + place) % 11 for place, name in enumerate(ids)}
        clicks[ids[0], day] = 50 + back if back % 5 else 0
        clicks[CUSTOM, day] = 3 + back % 2 if apart else clicks[ids[0], day]
    return World.of({"G": listed}, clicks, today=TODAY)


async def probed(sandbox: Sandbox) -> Probed:
    client = BitlyClient(
        sandbox.token,
        base_url=sandbox.url,
        clock=sandbox.clock,
        limiter=Limiter(sandbox.clock, requests_per_hour=None),
    )
    async with client:
        said = await prelude(client, "shop")
        return await Probe("shop", said, list(sandbox.world.groups), client, sandbox.clock).probe()


async def found(
    switches: Switches, limits: Limits | None = None, of: World | None = None
) -> dict[str, str | None]:
    clock = FakeClock(NOON)
    async with running(of or world(), switches=switches, limits=limits, clock=clock) as sandbox:
        probe = await probed(sandbox)
    assert probe.requests <= REQUESTS + AT_MOST_MORE
    return {finding.name: finding.value for finding in probe.findings}


async def test_a_probe_takes_the_requests_that_are_announced() -> None:
    switches = Switches(habits=Habits(most_sorted=1000))
    async with running(world(), switches=switches, clock=FakeClock(NOON)) as sandbox:
        probe = await probed(sandbox)
        assert sandbox.requests.total() == 5 + probe.requests == 5 + REQUESTS


async def test_what_is_documented_or_recorded_is_found() -> None:
    assert await found(Switches(), Limits.published()) == {
        "window_rule": "bucket",
        "series": "dense",
        "history_days": "unlimited",
        "beyond_history": None,
        "facet_rows": "1000",
        "page_size": "1000",
        "sorted_size": "100",
        "customs_apart": "yes",
        "customs_in_total": "yes",
        "exports": "yes",
        "refused": "none",
        "limits_count": "hour",
        "limits_count_themselves": "yes",
        "month_row": "api_requests",
        "month_counts": "16 of 20",
    }


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        (Switches(habits=Habits(nearest=True)), {"window_rule": "nearest", "refused": "none"}),
        (
            Switches(habits=Habits(nearest=True), refused={"countries"}),
            {"window_rule": "nearest", "refused": "countries"},
        ),
        (Switches(habits=Habits(sparse=True)), {"series": "sparse", "window_rule": "bucket"}),
        (Switches(habits=Habits(sparse=True, nearest=True)), {"window_rule": "nearest"}),
        (Switches(history=30), {"history_days": "30", "beyond_history": "units"}),
        (Switches(history=30, history_as_zeros=True), {"beyond_history": "zeros"}),
        (
            Switches(history=30, history_as_zeros=True, habits=Habits(sparse=True)),
            {"beyond_history": "left out"},
        ),
        (Switches(habits=Habits(most_size=300)), {"facet_rows": "300"}),
        (Switches(habits=Habits(most_size=100)), {"facet_rows": "100"}),
        (Switches(habits=Habits(most_rows=4)), {"facet_rows": "4"}),
        (Switches(habits=Habits(most_page=100)), {"page_size": "100"}),
        (Switches(habits=Habits(customs_in_total=False)), {"customs_in_total": "no"}),
        (Switches(habits=Habits(counts="minute")), {"limits_count": "minute"}),
        (Switches(habits=Habits(counts_itself=False)), {"limits_count_themselves": "no"}),
        (
            Switches(habits=Habits(month_row=("quota", "Usage"))),
            {"month_row": "quota"},
        ),
        (
            Switches(refused={"cities", "devices"}),
            {"refused": "cities, devices", "facet_rows": "1000"},
        ),
        (
            Switches(refused={"/groups/{group_guid}/clicks", "/groups/{group_guid}/exports"}),
            {"refused": "group clicks, exports", "exports": "no", "customs_in_total": None},
        ),
        (
            Switches(refused={"/groups/{group_guid}/bitlinks/{sort}"}),
            {"refused": "sorted links", "sorted_size": None, "window_rule": "bucket"},
        ),
        (
            Switches(refused={"/bitlinks/{bitlink}/clicks"}),
            {"window_rule": None, "refused": "clicks", "limits_count": "hour"},
        ),
    ],
)
async def test_each_way_that_the_api_may_have_is_found(
    switches: Switches, expected: Mapping[str, str | None]
) -> None:
    told = await found(switches, Limits.published())
    assert {name: told[name] for name in expected} == expected


async def test_a_list_that_names_more_than_a_hundred_links_is_found() -> None:
    told = await found(Switches(habits=Habits(most_sorted=1000)), of=world(links=130))
    assert (told["sorted_size"], told["page_size"]) == ("130", "1000")


async def test_a_back_half_with_the_clicks_of_its_link_is_found() -> None:
    told = await found(Switches(habits=Habits(customs_in_total=False)), of=world(apart=False))
    assert told["customs_apart"] == "no"


async def test_an_account_without_links_tells_of_its_limits_at_least() -> None:
    told = await found(Switches(), Limits.published(), of=World.of({"G": []}, {}, today=TODAY))
    assert told["window_rule"] is None
    assert told["month_row"] == "api_requests"


async def test_an_hour_that_is_about_to_begin_is_waited_for() -> None:
    clock = FakeClock(NOON - timedelta(minutes=2))
    async with running(world(), clock=clock) as sandbox:
        probe = await probed(sandbox)
    told = {finding.name: finding.value for finding in probe.findings}
    assert told["limits_count"] == "hour"
    assert clock.now() > NOON
