"""What a person sees at a glance is what the store says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from harvester.harvest.overview import AccountView, Mood, overview, span, when
from harvester.store.live import Live
from harvester.store.standing import LastRun
from tests.daemon.seeing import NOW, SHOP, ago, going_on, seen, standing


def views(goes_on: Live | None = None) -> dict[str, AccountView]:
    found = overview(standing(), goes_on or going_on(), NOW)
    return {account.name: account for account in found.accounts}


def test_moods_tell_whom_to_look_at() -> None:
    moods = {name: account.mood for name, account in views().items()}
    assert moods == {"events": Mood.GOOD, "press": Mood.ATTENTION, SHOP: Mood.BUSY}


def test_a_dead_token_is_bad_though_no_run_of_it_has_begun() -> None:
    events, *others = going_on().activities
    dead = replace(events, outcome="not authorised", detail="401")
    account = views(replace(going_on(), activities=(dead, *others)))["events"]
    assert account.mood is Mood.BAD
    assert account.notes == ("last run: 401",)


def test_what_a_daemon_saw_last_goes_over_the_last_run() -> None:
    events, press, *others = going_on().activities
    fine = replace(press, outcome="complete")
    notes = views(replace(going_on(), activities=(events, fine, *others)))["press"].notes
    assert not [note for note in notes if note.startswith("last run")]


@pytest.mark.parametrize("reason", ["not in plan", "history", "gone"])
def test_what_cannot_be_had_calls_nobody(reason: str) -> None:
    gap = replace(standing().missing[0], account="events", reason=reason)
    run = LastRun("events", "", "", "incomplete", 7, "")
    for gaps, mood in (
        ((gap,), Mood.GOOD),
        ((gap, replace(gap, reason="unanswered")), Mood.ATTENTION),
    ):
        stands = replace(standing(), missing=gaps, runs=(run,))
        found = {each.name: each.mood for each in overview(stands, going_on(), NOW).accounts}
        assert found["events"] is mood


def test_what_runs_shows_how_far_it_is() -> None:
    running = views()[SHOP]
    assert running.doing == "clicks"
    assert running.progress is not None
    assert (running.progress.done, running.progress.total) == (1234, 1840)


def test_a_daemon_that_was_killed_is_not_believed_any_more() -> None:
    killed = replace(going_on(updated=ago(2)), held=())
    account = views(killed)[SHOP]
    assert (account.doing, account.progress, account.is_running) == ("idle", None, False)


def test_another_harvester_is_named() -> None:
    other = replace(going_on(), activities=())
    assert views(other)[SHOP].doing == "is being harvested by Shop:812:ab12cd"


def test_an_account_that_rests_says_why_and_until_when() -> None:
    rests = {"events": (NOW + timedelta(days=9), "the month is spent")}
    account = views(replace(going_on(), activities=(), rests=rests))["events"]
    assert account.doing == "rests until 2026-11-30 14:40 UTC: the month is spent"
    assert account.mood is Mood.ATTENTION


def test_the_stalest_group_counts_and_notes_say_what_is_wrong() -> None:
    press = views()["press"]
    assert press.age == timedelta(minutes=870)
    assert [note.split(" ")[0] for note in press.notes] == ["last", "2", "140"]
    assert press.groups[0].contradictions == 2
    assert press.groups[0].leaving == 140


def test_only_the_latest_run_of_an_account_can_be_running() -> None:
    found = seen()
    words = [found.ended(run) for run in found.runs]
    assert words == ["running", "incomplete", "complete", "not finished"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-3, "0 s"), (59, "59 s"), (60, "1 min"), (7199, "119 min"), (7200, "2 h"), (200_000, "2 d")],
)
def test_durations_are_said_in_their_largest_unit(seconds: int, said: str) -> None:
    assert span(timedelta(seconds=seconds)) == said


def test_instants_are_said_by_their_distance() -> None:
    assert when(ago(5), NOW) == "5 min ago"
    assert when(NOW + timedelta(hours=3), NOW) == "in 3 h"
    assert when(None, NOW) == "-"
