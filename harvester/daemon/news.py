"""What is worth a notification, and what was told already. Pure.

Each account has topics (its runs, its token, its quota), and the daemon has one (the database). A
topic is well or not; a person is told when that changes, and not again while it stays as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

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

WELL: Final = "well"
RUNS, TOKEN, QUOTA, DATABASE, SETTINGS = "runs", "token", "quota", "database", "settings"
DAEMON: Final = ""  # the account of what concerns all of them

_DEAD: Final = "dead"
_SHORT: Final = "short"
# A run that another process had in hand, or that a person stopped, is neither well nor ill.
_NEITHER: Final = frozenset({"held", "interrupted"})
_RECOVERED: Final = {
    RUNS: "harvests again",
    TOKEN: "Bitly accepts the token again",
    QUOTA: "there are requests enough again",
    DATABASE: "the database works again",
    SETTINGS: "the settings were read again and are in force",
}


@dataclass(frozen=True, slots=True)
class News:
    """A topic of an account is in a state, which is WELL or a word for what is wrong."""

    account: str
    topic: str
    state: str
    detail: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """What the state is of."""
        return self.account, self.topic

    def text(self) -> str:
        """Return one line for a person."""
        who = f"account {self.account}" if self.account else "the daemon"
        said = _RECOVERED[self.topic] if self.state == WELL else self.detail or self.state
        return f"harvester: {who}: {said}"


class Desk:
    """Makes news of events, in the order in which they come."""

    def __init__(self) -> None:
        """Have heard nothing yet."""
        self._through: set[str] = set()  # accounts whose last run got to its end

    def news(self, event: Event) -> Iterator[News]:
        """Yield in which state `event` shows its topics, told already or not."""
        match event:
            case TickEnded(account):
                self._through.discard(account)
                yield from self._of_run(account, event)
            case TickPlanned(account, _, why) if account in self._through and not why:
                # after a run that got through, and by its rhythm: so there are requests enough
                yield News(account, QUOTA, WELL)
            case TicksSpread(account, _, why):
                yield News(account, QUOTA, _SHORT, f"the month's requests are short: {why}")
            case _:
                yield from _of_daemon(event)

    def _of_run(self, account: str, event: TickEnded) -> Iterator[News]:
        outcome, detail = event.outcome, event.detail
        if outcome == "not authorised":
            yield News(account, TOKEN, _DEAD, f"Bitly does not accept the token: {detail}")
        elif outcome in {"failed", "unanswered"}:
            yield News(account, RUNS, outcome, f"a run ended {outcome}: {detail}")
        elif outcome not in _NEITHER:
            if outcome == "quota":
                yield News(account, QUOTA, _SHORT, f"the requests do not suffice: {detail}")
            else:
                self._through.add(account)
            yield News(account, RUNS, WELL)
            yield News(account, TOKEN, WELL)


def _of_daemon(event: Event) -> Iterator[News]:
    match event:
        case DatabaseGone(_, why):
            yield News(DAEMON, DATABASE, "down", f"the database fails: {why}")
        case DatabaseBack():
            yield News(DAEMON, DATABASE, WELL)
        case ReloadRefused(why):
            yield News(DAEMON, SETTINGS, "refused", f"new settings are not taken: {why}")
        case Reloaded():
            yield News(DAEMON, SETTINGS, WELL)
        case _:
            pass


def is_new(found: News, state: str | None) -> bool:
    """Whether to tell of `found` where `state` was told last; None: nothing was.

    That all is well is news only after something was not.
    """
    return found.state != (state or WELL)
