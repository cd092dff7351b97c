"""Hours of work against the sandbox's limits: no 429, and the allowance is used."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.common import CONNECTIONS
from benchmarks.limiter import harvester, sender
from benchmarks.simulated import CLICKS, COUNTRIES, NOON, Bitly, Case, simulated
from harvester.bitly.facets import DEFAULT, FACETS
from harvester.domain.subjects import Kind, Subject, Target
from harvester.domain.windows import day_window
from harvester.harvest.plan import Goal, PlannedRequest, Strategy, requests
from harvester.harvest.stream import replayed
from harvester.harvest.workers import fan_out
from harvester.store.known import Known

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
within_an_hour = st.timedeltas(timedelta(), HOUR)
lives = st.lists(st.timedeltas(SECOND, MINUTE) | st.timedeltas(MINUTE, 90 * MINUTE), max_size=4)


@st.composite
def alone(draw: st.DrawFn, least: int = 1) -> Case:
    """Make a case in which the account is ours alone."""
    return Case(
        per_hour=draw(st.integers(least, 1000)),
        hours=draw(st.floats(2, 3)),
        start=draw(within_an_hour),
        lives=draw(lives),
        seed=draw(st.integers(0, 99)),
    )


@st.composite
def shared(draw: st.DrawFn) -> Case:
    """Make a case in which a steady program takes up to half of the allowance."""
    per_hour, share = draw(st.integers(500, 1000)), draw(st.floats(0.01, 0.5))
    return Case(
        per_hour=per_hour,
        hours=draw(st.floats(2, 3)),
        start=draw(within_an_hour),
        others=HOUR / (per_hour * share),
        lives=draw(lives),
        seed=draw(st.integers(0, 99)),
    )


# The same cases each time: hours of work are too dear for many, so each run would be a lottery.
slow = settings(
    max_examples=8,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@slow
@given(case=alone() | shared())
def test_allowance_is_used_without_a_429_whatever_others_take_and_however_often_we_restart(
    case: Case,
) -> None:
    bitly = simulated(case, harvester)
    assert bitly.refused == 0
    assert all(share >= 0.95 for share in bitly.whole_hours())


@slow
@given(case=alone(least=100) | shared(), late=within_an_hour)
def test_it_is_the_same_if_bitlys_windows_do_not_turn_with_the_clock(
    case: Case, late: timedelta
) -> None:
    bitly = simulated(replace(case, late=late), harvester)
    assert bitly.refused == 0
    assert all(share >= 0.95 for share in bitly.whole_hours())


def test_minutes_allowance_is_used_evenly() -> None:
    bitly = simulated(Case(hours=1, endpoints=(CLICKS, COUNTRIES)), harvester)
    assert bitly.minute_used() >= 0.95
    assert bitly.used() >= 0.95


DAYS = [day_window((NOON - timedelta(days=back)).date()) for back in range(30, 0, -1)]
BREAKDOWNS = [facet for facet in DEFAULT if not FACETS[facet].series]
ENDPOINTS = tuple(FACETS[facet].endpoint for facet in BREAKDOWNS)


async def first_month(bitly: Bitly) -> None:
    """Ask for the breakdowns of thirty days of a thousand links."""
    links = [Target(n, Subject(Kind.BITLINK, f"bit.ly/{n}"), "Bg1") for n in range(1000)]
    goal = Goal(tuple(DAYS), NOON, timedelta(days=3), Strategy.EXHAUSTIVE)
    send = await sender(bitly)

    async def ask(request: PlannedRequest) -> None:
        await send(FACETS[request.facet].endpoint)

    plan = replayed(requests(links, BREAKDOWNS, goal, Known(), {}))
    await fan_out(plan, ask, workers=CONNECTIONS, stopped=lambda: False)


def test_months_of_a_link_use_the_allowance_of_all_its_endpoints_at_once() -> None:
    bitly = simulated(Case(hours=1 / 6, endpoints=ENDPOINTS), first_month)
    assert bitly.refused == 0
    assert bitly.used() >= 0.85


def test_counts_that_stay_at_zero_lead_to_no_429() -> None:
    bitly = simulated(Case(hours=3, start=50 * MINUTE, counts=False), harvester)
    assert bitly.refused == 0


def test_readings_cost_less_than_a_50th_of_the_requests() -> None:
    bitly = simulated(Case(hours=3), harvester)
    assert bitly.readings < sum(bitly.hours.values()) / 50


def test_program_that_begins_amidst_our_minute_costs_few_429s() -> None:
    case = Case(hours=2, others=6 * SECOND, others_from=3 * MINUTE)
    assert simulated(case, harvester).refused <= 5
