"""What a world keeps beside its links: entities by roster and scope, the truth of each roster."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from harvester.domain.entities import (
    Campaign,
    Channel,
    Entity,
    LogoImage,
    Preferences,
    QrCode,
    Webhook,
)
from harvester.domain.rosters import BitlinkDetails
from harvester.sandbox.traffic import key

_FOUNDED = datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC)


@dataclass(slots=True)
class Shelf:
    """Entities by (roster, scope) and guid; it changes as a test wants it to."""

    _held: defaultdict[tuple[str, str], dict[str, Entity]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def of(self, roster: str, scope: str = "") -> list[Entity]:
        """Return the entities of a roster, in the order in which they were put there."""
        return list(self._held.get((roster, scope), {}).values())

    def put(self, roster: str, *found: Entity, scope: str = "") -> None:
        """Add entities, or put them in the place of those with the same guids."""
        self._held[roster, scope].update({each.guid: each for each in found})

    def take(self, roster: str, guid: str, scope: str = "") -> None:
        """Take an entity away. Raises KeyError if it is not there."""
        del self._held[roster, scope][guid]

    def change(self, roster: str, guid: str, scope: str = "", **details: Any) -> None:
        """Change details of an entity. Raises KeyError if it is not there."""
        held = self._held[roster, scope]
        held[guid] = replace(held[guid], **details)


def stocked(
    seed: int, organization: str, links: Iterable[tuple[str, Iterable[BitlinkDetails]]]
) -> Shelf:
    """Return the shelf that follows from a seed and the links of each group, by its guid."""
    shelf = Shelf()
    shelf.put("bsds", Entity("go.example.com"), Entity("größe.example"))
    shelf.put("webhooks", _webhook(seed), scope=organization)
    for guid, listed in links:
        _stock_group(shelf, seed, guid, listed)
    return shelf


def _stock_group(shelf: Shelf, seed: int, guid: str, links: Iterable[BitlinkDetails]) -> None:
    spring, mail = f"C{seed}spring", f"H{guid}mail"
    dates: Any = {"created_at": _FOUNDED, "modified_at": _FOUNDED}
    if not shelf.of("campaigns"):
        shelf.put("campaigns", Campaign(spring, guid, "Spring & Söhne 🌱", "all of it", **dates))
    shelf.put("channels", *(Channel(f"H{guid}{name}", guid, name, **dates) for name in _CHANNELS))
    shelf.put("campaign_channels", Entity(mail), scope=spring)
    shelf.put("preferences", Preferences(guid, "bit.ly"), scope=guid)
    logo = LogoImage(f"I{guid}", f"https://images.example/{guid}.png")
    shelf.put("qr_logo_images", logo, scope=guid)
    shelf.put("qr_codes", QrCode(f"Q{guid}wall", "Wall", "text", content="hello"), scope=guid)
    for link in links:
        shelf.put("qr_codes", *(_qr_code(code, link) for code in link.qr_code_ids), scope=guid)
        if key(seed, f"channel of {link.id}") % 5 == 0:
            shelf.put("channel_bitlinks", Entity(link.id), scope=mail)


_CHANNELS = ("mail", "<social>")


def _qr_code(guid: str, link: BitlinkDetails) -> QrCode:
    return QrCode(
        guid,
        link.title,
        "bitlink",
        link.id,
        (link.long_url,),
        f"https://{link.id}?r=qr",
        is_customized=False,
        is_gs1=False,
        archived=link.archived,
        created_by=link.created_by,
        created_at=link.created_at,
        modified_at=link.created_at,
    )


def _webhook(seed: int) -> Webhook:
    return Webhook(
        f"W{seed}",
        None,
        "clicks to us",
        "engagement",
        "https://in.example:8443",
        "active",
        is_active=True,
        is_alert=False,
        fetch_tags=True,
        modified_by="sandy",
        created_at=_FOUNDED,
        modified_at=_FOUNDED,
    )
