"""The status page: all that is known, escaped, and nothing that a strict policy would refuse."""

import re
from html.parser import HTMLParser

from harvester.daemon.pages import page, trouble
from tests.daemon.seeing import HOSTILE, seen

VOID = {"meta", "link"}


class Strict(HTMLParser):
    """Fails where tags do not match; collects tags and texts."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def parsed(html: str) -> Strict:
    reader = Strict()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def test_the_page_says_what_is_known() -> None:
    text = " ".join(parsed(page(seen())).texts)
    for said in (
        "to look at: 1 of 3 accounts",
        "1,234 of 1,840 requests (67%)",
        "9,420 of 10,000 used, 580 left (94%)",
        "99 windows missing",
        "14 h old",
        "in 5 h",
        "2 breakdowns of group Bp1",
    ):
        assert said in text


def test_whoever_needs_a_look_comes_first() -> None:
    cards = re.findall(r'<section class="card (\w+)"', page(seen()))
    assert cards == ["attention", "busy", "good", "plain"]


def test_names_from_outside_are_text() -> None:
    found = parsed(page(seen(HOSTILE)))
    assert "script" not in found.tags
    assert HOSTILE in found.texts
    assert parsed(trouble(HOSTILE)).texts.count(HOSTILE) == 1


def test_there_is_no_script_no_inline_style_and_nothing_from_elsewhere() -> None:
    html = page(seen())
    found = parsed(html)
    assert not {name for name in found.attributes if name == "style" or name.startswith("on")}
    assert not {"script", "style", "iframe", "img"} & found.tags
    assert "//" not in html


def test_it_loads_itself_anew_unless_asked_not_to() -> None:
    assert 'http-equiv="refresh"' in page(seen())
    assert 'http-equiv="refresh"' not in page(seen(), refresh=False)


def test_further_pages_are_linked() -> None:
    assert '<a href="/report">' in page(seen(), links=["/report"])
