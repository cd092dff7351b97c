"""Whether an export that adds up tells of each name what is its own: a few are asked themselves.

That all adds up may be a coincidence: clicks told twice may make up for scans left out. What a few
names say of themselves is remembered of the account, so that it costs some requests once.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from harvester.bitly.facets import FACETS
from harvester.domain.facets import CLICKS
from harvester.domain.windows import Window
from harvester.harvest.dealing import Dealing
from harvester.harvest.exporting import Told
from harvester.harvest.plan import Scope
from harvester.harvest.proofs import Scans, may_be_mixed, seen_apart
from harvester.store import profiles

APART = "exports.back-halves"
"""The fact of an account's profile that its exports count back-halves by themselves."""

SCANS = "exports.scans"
"""The fact of where its exports count scans of QR codes: a value of `Scans`."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One window's export, whose `counts` add up beside those `listed` before.

    `owners` are the links of its back-halves, if there are any. No clicks come in any more if it is
    `calm`. `facts` are what is known of the account's API, by name.
    """

    dealing: Dealing
    scope: Scope
    window: Window
    told: Told
    counts: Mapping[str, int]
    listed: Mapping[str, int]
    owners: Mapping[str, str]
    calm: bool
    facts: dict[str, str]

    @property
    def mixed(self) -> bool:
        """Whether clicks of a back-half may be told of its link, or back, and nothing shows it."""
        if APART in self.facts or seen_apart(self.counts, self.listed, self.owners):
            return False
        return may_be_mixed(self.counts, self.listed, self.owners)

    async def contradiction(self) -> str | None:
        """Ask the names that can tell, and return in one line how they contradict the export.

        Returns None if they do not: clicks may have come since, but are not taken back. Raises
        BitlyError.
        """
        witnesses, shown = self._witnesses()
        moved = False
        for name in sorted(witnesses):
            answer = await self.dealing.client.ask(FACETS[CLICKS], name, [self.window])
            own, told = sum(each.total for each in answer.readings), self.counts[name]
            if own < told or (own > told and self.calm):
                return f"{self.window}: {name} itself has {own} clicks, the export tells {told}"
            moved = moved or own > told
        if not moved:
            await self._remember(shown)
        return None

    def _witnesses(self) -> tuple[set[str], dict[str, str]]:
        """Return names to ask, and the facts that are shown if they say the same."""
        names: set[str] = set()
        shown: dict[str, str] = {}
        if APART not in self.facts:
            found = seen_apart(self.counts, self.listed, self.owners)
            names.update(found)
            shown |= {APART: "apart"} if found else {}
        scans = self.told.scans
        most = max(scans, key=lambda name: scans[name], default=None)
        if SCANS not in self.facts and most is not None and scans[most]:
            names.add(most)
            within = self.counts[most] == self.told.clicks[most]
            shown[SCANS] = Scans.WITHIN if within else Scans.APART
        return names, shown

    async def _remember(self, shown: Mapping[str, str]) -> None:
        detail, now = f"group {self.scope.guid}", self.dealing.now()
        found = {name: profiles.Fact(value, "seen", detail, now) for name, value in shown.items()}
        await profiles.save(self.dealing.engine, self.dealing.account_id, found)
        self.facts.update(shown)
