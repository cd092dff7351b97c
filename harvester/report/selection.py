"""Which links a report is about: conditions for its queries, from what a person chose."""

from dataclasses import dataclass, fields
from typing import Any

_MARKED = {
    "links": "bitlink IN :links OR custom_of IN :links",
    "tags": "(account, bitlink) IN (SELECT account, bitlink FROM bitlink_tags WHERE tag IN :tags)",
    "campaigns": "(account, bitlink) IN (SELECT account, bitlink FROM campaign_bitlinks"
    " WHERE campaign IN :campaigns OR name IN :campaigns)",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a report is limited to; a field without values limits nothing.

    `links` are all spellings of links, `said` what the person called them.
    """

    accounts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    said: tuple[str, ...] = ()

    def values(self) -> dict[str, Any]:
        """Return the values that the conditions name."""
        named = {field.name: list(getattr(self, field.name)) for field in fields(self)}
        return {name: value for name, value in named.items() if value and name != "said"}

    def words(self) -> dict[str, tuple[str, ...]]:
        """Return what was chosen, in a person's words."""
        named = {"account": self.accounts, "group": self.groups, "tag": self.tags}
        named |= {"campaign": self.campaigns, "link": self.said}
        return {name: value for name, value in named.items() if value}

    def condition(self, table: str = "", *, of_group: bool = False) -> str:
        """Return an SQL condition on the columns account, group_guid and bitlink of `table`.

        With `of_group` it is on the groups of what was chosen: there is no column bitlink.
        """
        dot = f"{table}." if table else ""
        parts = [f"{dot}account IN :accounts"] if self.accounts else []
        parts += [f"{dot}group_guid IN :groups"] if self.groups else []
        of_links = [f"({sql})" for name, sql in _MARKED.items() if getattr(self, name)]
        if of_links:
            key = "group_guid" if of_group else "bitlink"
            parts.append(
                f"({dot}account, {dot}{key}) IN (SELECT account, {key}"  # noqa: S608 - our names
                f" FROM bitlink_details WHERE {' AND '.join(of_links)})"
            )
        return " AND ".join(parts)
