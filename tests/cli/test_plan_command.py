"""`harvest plan`: what a harvest would send, in figures to check, before it is made."""

import json

import pytest

from harvester.cli.plan import advice_lines, coarser_lines, lines
from harvester.domain.errors import Exit
from harvester.harvest.advice import Activity
from harvester.harvest.estimate import Estimate
from harvester.harvest.resolution import Saving
from harvester.harvest.since import Days
from harvester.sandbox.limits import Limits
from harvester.sandbox.server import Sandbox
from harvester.sandbox.world import World
from tests.cli.using import TODAY, TOKEN, Harvest, served


def link_requests(sandbox: Sandbox) -> int:
    return sum(n for (_, path), n in sandbox.requests.items() if path.startswith("/bitlinks/"))


def test_plan_asks_for_few_links_and_tells_what_the_harvest_then_sends(
    harvest: Harvest, sandbox: Sandbox
) -> None:
    said = harvest("plan", "--since", "3d")
    assert said.code == Exit.COMPLETE
    asked = link_requests(sandbox)
    assert asked <= 2 * 5 + 5  # each breakdown once for a group, and back-halves
    sent = sandbox.requests.total()
    assert f"{sent:>11,}  requests were sent to find out; what they told is kept" in said.out
    assert "  Bitly does not say how many API requests the plan holds" in said.out.splitlines()
    plan = json.loads(harvest("plan", "--since", "3d", "--json").out)["plans"][0]
    already = sandbox.requests.total()
    assert harvest("--since", "3d").code == Exit.COMPLETE
    # what a plan asked is as good as harvested, but for a harvest that begins in a later second
    again_asked = max(6, asked)
    assert plan["requests"] == pytest.approx(sandbox.requests.total() - already, abs=again_asked)
    assert plan["exhaustive"] > plan["requests"]
    before = link_requests(sandbox)
    again = json.loads(harvest("plan", "--since", "3d", "--json").out)["plans"][0]
    of_links = sum(n for path, n in again["by_endpoint"].items() if path.startswith("/bitlinks/"))
    assert harvest("--since", "3d").code == Exit.COMPLETE
    assert abs(of_links - (link_requests(sandbox) - before)) <= asked


def test_plan_tells_what_the_month_cannot_afford_and_how_long_it_lasts(
    harvest: Harvest, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(per_hour=1000, per_month=40)
    with served(World(today=TODAY, links=30, days=5), limits) as limited:
        monkeypatch.setenv("BITLY_API_URL", limited.url)
        said = harvest("plan", "--since", "2d")
    assert "are too many for this month and have to wait for the next" in said.out
    assert "may still be sent this month: the plan holds 40, 8 are left to others" in said.out
    assert "  may be sent today; all by 20" in said.out


def test_plan_tells_how_long_the_limits_make_it_last() -> None:
    endpoint = "/bitlinks/{bitlink}/clicks"
    days = Days(TODAY, TODAY)
    found = Estimate("shop", days, {endpoint: 1_250}, 9_999, 7, {endpoint: 1_000}, None, 0)
    assert found.minutes == 60 + 2.5
    assert "  about 62 minutes at the limits of the endpoints" in lines(found)


@pytest.mark.parametrize(
    ("words", "token", "code"),
    [
        (("--since", "soon"), TOKEN, Exit.USAGE),
        (("--account", "nobody"), TOKEN, Exit.USAGE),
        (("--since", "2d"), "wrong", Exit.NOT_AUTHORISED),
    ],
)
def test_what_is_wrong_is_one_line_and_the_documented_code(
    harvest: Harvest,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    token: str,
    code: Exit,
) -> None:
    monkeypatch.setenv("BITLY_TOKEN", token)
    said = harvest("plan", *words)
    assert said.code == code
    complaints = [line for line in said.err.splitlines() if line.startswith("harvest: ")]
    assert len(complaints) == 1


def test_plan_tells_which_plan_would_do() -> None:
    activity = Activity({1: 15.0, 30: 5.0}, breakdowns=5, fixed=14, first_day=1)
    told = list(advice_lines(activity, 20))
    assert told[1] == "  Which plan would do? Of its month, less 20 % for others, this would take:"
    assert told[3].split() == ["Free", "1,000", "shows", "no", "metrics"]
    assert told[4].split()[:7] == ["Core", "5,000", "30", "days:", "3,044", "87", "%"]
    assert "no:" in told[4]


def test_plan_offers_weeks_where_days_would_be_lost() -> None:
    saving = Saving(
        needed=900, affordable=100, requests=100, weeks=70, months=3, lost=800, lost_even_so=20
    )
    first, second = coarser_lines(saving)
    assert first.startswith("        800  breakdowns of days leave Bitly's reach within a week")
    assert "--resolution adaptive keeps 70 weeks and 3 months in their place" in second
    assert list(coarser_lines(None)) == []
