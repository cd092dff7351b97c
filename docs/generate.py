"""Write docs/schema.md: the views as their sources describe them, and the queries of queries.sql.

What deploy/ tells other tools of the views is written as well.

    python docs/generate.py

Nothing in the page is written by hand but what stands in this file.
"""

import re
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from textwrap import indent
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))  # to be run from a checkout as it stands

from harvester.store.contract import COMMON, View, views

HERE: Final = Path(__file__).parent
PAGE: Final = HERE / "schema.md"
QUERIES: Final = HERE / "queries.sql"

TEMPLATE: Final = HERE / "schema.template.md"

DAILY: Final = "day day_filled local_day attribution country city device referrer referring_domain"

MEMBERS: Final = (
    "bitlink_history campaign_bitlinks campaign_channels channel_bitlinks feature_usage*"
    " group_preferences"
)

# A view stands in the first chapter of this list that has a pattern for it.
CHAPTERS: Final = (
    ("Rosters", ("*_details", "*_tags", "roster_*", *MEMBERS.split())),
    ("Roll-ups", ("*_totals", "*_totals_by_*", "clicks_by_week", "clicks_by_month")),
    (
        "What is known",
        ("harvest_*", "facts_known", "snapshot_history", "restated_days", "plan_limits"),
    ),
    ("Facts", tuple(f"clicks_by_{name}" for name in DAILY.split())),
    ("Facts that have to be asked for", ("*_by_*", "group_top_*")),
    ("What is worth a look", ("*",)),
)
# The page has them in this order; what is said of all views of a chapter.
INTRODUCTIONS: Final = {
    "Facts": "",
    "Facts that have to be asked for": """\
The facets of these views are not among those harvested by default: name them in `[harvest] facets`
(`config.example.toml` says what each takes). What is not asked for is not in any view as a zero.
""",
    "Roll-ups": """\
They add up what `clicks_by_day` has, and say how much of it is known. No number here is stored: it
is added up when you ask.
""",
    "Rosters": "",
    "What is known": "",
    "What is worth a look": "",
}


@dataclass(frozen=True, slots=True)
class Query:
    """A query of queries.sql, and what it answers."""

    title: str
    sql: str


def queries() -> list[Query]:
    """Return the queries, in their order."""
    found = re.split(r"^-- \d+\. ", QUERIES.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return [
        Query(title.strip(), sql.strip().removesuffix(";"))
        for title, _, sql in (each.partition("\n") for each in found)
    ]


def page() -> str:
    """Return docs/schema.md."""
    made = TEMPLATE.read_text("utf-8")
    parts = {"common": _common(), "picture": _picture(), "views": _views(), "queries": _queries()}
    for name, part in parts.items():
        made = made.replace(f"<!-- {name} -->", part.strip())
    return made


def _views() -> str:
    chapters: dict[str, list[View]] = {title: [] for title in INTRODUCTIONS}
    for view in views().values():
        chapters[_chapter(view.name)].append(view)
    return "\n".join(
        "\n".join([f"## {title}\n", INTRODUCTIONS[title], *(_section(view) for view in members)])
        for title, members in chapters.items()
        if members
    )


def _chapter(name: str) -> str:
    for title, patterns in CHAPTERS:
        if any(fnmatch(name, pattern) for pattern in patterns):
            return title
    raise AssertionError(name)


def _common() -> str:
    rows = "".join(f"| `{name}` | {meaning} |\n" for name, meaning in COMMON.items())
    return (
        "Columns that stand in many views mean the same in each of them:\n\n"
        f"| column | meaning |\n|---|---|\n{rows}"
    )


def _section(view: View) -> str:
    lines = [f"### {view.name}\n", view.purpose]
    if view.more:
        lines += ["", view.more]
    lines += ["", "| column | type | meaning |", "|---|---|---|"]
    lines += [
        f"| `{each.name}` | {each.kind} |"
        f" {'as above' if each.meaning == COMMON.get(each.name) else each.meaning} |"
        for each in view.columns
    ]
    return "\n".join(lines) + "\n"


def _queries() -> str:
    return "\n".join(
        f"{number}. {query.title}\n\n   ```sql\n{indent(query.sql, '   ')};\n   ```\n"
        for number, query in enumerate(queries(), 1)
    )


def _picture() -> str:
    """Return how the views join, by the columns that they share with the rosters."""
    keys = {
        "bitlink_details": ("account", "bitlink"),
        "group_details": ("account", "group_guid"),
    }
    lines = ["```mermaid", "erDiagram"]
    for view in views().values():
        names = [column.name for column in view.columns]
        for roster, key in keys.items():
            of_links = "bitlink" in names and roster == "group_details"
            if roster != view.name and not of_links and set(key) <= set(names):
                lines.append(f'    {roster} ||--o{{ {view.name} : "{", ".join(key)}"')
    lines.append('    group_details ||--o{ bitlink_details : "account, group_guid"')
    for roster in keys:
        lines.append(f"    {roster} {{")
        lines += [f"        {each.kind} {each.name}" for each in views()[roster].columns]
        lines.append("    }")
    return "\n".join([*lines, "```\n"])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    from deploy.generate import write  # it reads this module, too

    write()
