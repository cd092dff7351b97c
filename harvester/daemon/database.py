"""Whether the database does what it is asked: told once when it stops, once when it goes on."""

from dataclasses import dataclass
from datetime import datetime

from harvester.clock import Clock
from harvester.domain.events import DatabaseBack, DatabaseGone, Notify
from harvester.store.errors import StoreError


@dataclass(slots=True)
class Database:
    """What all accounts have seen of their database last."""

    clock: Clock
    notify: Notify
    gone_at: datetime | None = None

    def gone(self, error: StoreError) -> None:
        """Note that it failed."""
        if self.gone_at is None:
            self.gone_at = self.clock.now()
            self.notify(DatabaseGone(self.gone_at, str(error)))

    def works(self) -> None:
        """Note that it did what it was asked."""
        if self.gone_at is not None:
            now = self.clock.now()
            self.notify(DatabaseBack(now, (now - self.gone_at).total_seconds()))
            self.gone_at = None
