"""What is worth a notification, and that nothing is told twice."""

from datetime import timedelta

import pytest

from harvester.daemon.news import DAEMON, WELL, Desk, is_new
from harvester.domain.events import (
    DatabaseBack,
    DatabaseGone,
    Event,
    Reloaded,
    ReloadRefused,
    TickEnded,
    TickPlanned,
    TicksSpread,
)
from tests.store.making import NOW


def ended(outcome: str, detail: str = "") -> TickEnded:
    return TickEnded("shop", NOW, "open", outcome, detail, 3.0, ok=outcome == "complete")


FINE = {("shop", "runs"): WELL, ("shop", "token"): WELL}
SPREAD = TickPlanned("shop", NOW, "its requests are short")
BY_RHYTHM = TickPlanned("shop", NOW)


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        (ended("complete"), FINE),
        (ended("incomplete"), FINE),
        (ended("not authorised", "401"), {("shop", "token"): "dead"}),
        (ended("failed", "disk full"), {("shop", "runs"): "failed"}),
        (ended("unanswered"), {("shop", "runs"): "unanswered"}),
        (
            ended("quota"),
            {("shop", "quota"): "short", ("shop", "runs"): WELL, ("shop", "token"): WELL},
        ),
        (ended("held"), {}),
        (ended("interrupted"), {}),
        (TicksSpread("shop", NOW, "12 left"), {("shop", "quota"): "short"}),
        (DatabaseGone(NOW, "no route"), {(DAEMON, "database"): "down"}),
        (DatabaseBack(NOW, 5), {(DAEMON, "database"): WELL}),
        (ReloadRefused("no token"), {(DAEMON, "settings"): "refused"}),
        (Reloaded((), (), ()), {(DAEMON, "settings"): WELL}),
        (TickPlanned("shop", NOW + timedelta(hours=1)), {}),
    ],
)
def test_events_show_the_state_of_topics(event: Event, shown: dict[tuple[str, str], str]) -> None:
    assert {found.place: found.state for found in Desk().news(event)} == shown


def test_a_state_is_told_once_and_its_end_once() -> None:
    known: dict[tuple[str, str], str] = {}
    told, desk = [], Desk()
    dead, fine = ended("not authorised", "401"), ended("complete")
    for event in (fine, dead, dead, dead, fine, fine, ended("failed", "x"), dead, fine):
        for found in desk.news(event):
            if is_new(found, known.get(found.place)):
                known[found.place] = found.state
                told.append(found.text())
    assert told == [
        "harvester: account shop: Bitly does not accept the token: 401",
        "harvester: account shop: Bitly accepts the token again",
        "harvester: account shop: a run ended failed: x",
        "harvester: account shop: Bitly does not accept the token: 401",
        "harvester: account shop: harvests again",
        "harvester: account shop: Bitly accepts the token again",
    ]


def quota(*events: Event) -> list[str]:
    """The states of an account's requests, one after the other."""
    desk = Desk()
    found = [each for event in events for each in desk.news(event)]
    return [each.state for each in found if each.topic == "quota"]


def test_requests_suffice_again_once_a_run_got_through_and_the_next_is_by_rhythm() -> None:
    through, short = ended("incomplete"), ended("quota")
    assert quota(through, BY_RHYTHM) == [WELL]
    assert quota(through, SPREAD) == quota(BY_RHYTHM) == []
    assert quota(short, BY_RHYTHM) == ["short"]
    assert quota(through, ended("unanswered"), BY_RHYTHM) == []
