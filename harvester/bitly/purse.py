"""What an account may still send: the month's requests, each charged before it goes."""

from harvester.bitly.budget import Month
from harvester.bitly.ledger import Ledger, Prepaid
from harvester.clock import Clock


class Purse:
    """The requests of one account. Without a `month` nothing is held back.

    Before each request: `prepare`, then `spend`. Whoever prepares an endpoint does so alone.
    """

    def __init__(self, clock: Clock) -> None:
        """Know of no quota and charge nothing, until told."""
        self._clock = clock
        self._prepaid: Prepaid | None = None
        self.month: Month | None = None

    def charge_to(self, ledger: Ledger) -> None:
        """Charge each request to `ledger` from now on."""
        self._prepaid = Prepaid(ledger)

    async def prepare(self, endpoint: str) -> None:
        """Make sure that a request to `endpoint` is paid for.

        Raises ReserveReached if the month's requests are spent, or what the ledger raises.
        """
        now = self._clock.now()
        if self.month:
            self.month.check(now)
        if self._prepaid:
            await self._prepaid.prepare(endpoint, now)

    def spend(self, endpoint: str) -> bool:
        """Count a request that is sent now. False, and nothing counted, if it has to be prepared.

        Raises ReserveReached if the month's requests are spent.
        """
        now = self._clock.now()
        if self.month:
            self.month.check(now)
        if self._prepaid and not self._prepaid.take(endpoint, now):
            return False
        if self.month:
            self.month.count()
        return True

    async def close(self) -> None:
        """Give back what was paid for and not sent. Raises what the ledger raises."""
        if self._prepaid:
            await self._prepaid.close()
