"""What is worth a notification, and that nothing is told twice."""

from datetime import timedelta

import pytest

from harvester.daemon.news import DAEMON, WELL, is_new, news
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


FINE = {("shop", "quota"): WELL, ("shop", "runs"): WELL, ("shop", "token"): WELL}


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
    assert {found.place: found.state for found in news(event)} == shown


def test_a_state_is_told_once_and_its_end_once() -> None:
    known: dict[tuple[str, str], str] = {}
    told = []
    dead, fine = ended("not authorised", "401"), ended("complete")
    for event in (fine, dead, dead, dead, fine, fine, ended("failed", "x"), dead, fine):
        for found in news(event):
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
