"""The page says what the figures say and needs nothing else; nothing from outside acts in it."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from harvester.report.assets import Filters
from harvester.report.figures import Ranking, Share
from harvester.report.knowledge import DayOfClicks, Known
from harvester.report.page import page, spark
from harvester.report.period import Period
from harvester.report.shading import SHADES, shade, shade_words
from harvester.report.world import countries, country_name
from tests.report.making import DAYS, FIRST, made, ranking, share

EVIL = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></title><b>",
    "<!-- ]]> -->",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "\u202emoc.live\u202c \x00\x1b[31m",
    "שלום <b>עולם</b>",
    "&lt;i&gt; &amp;",
    "url(#x); } body { display: none",
    "x" * 2_000,
)
ADDRESS = "https://bit.ly/a?x=\"'><script>"


class Read(HTMLParser):
    """What a browser makes of a page: its tags, their attributes, and its texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self._within: str = ""
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._within = tag

    def handle_endtag(self, tag: str) -> None:
        self._within = "" if tag == self._within else self._within

    def handle_data(self, data: str) -> None:
        self.raw.get(self._within, self.texts).append(data)

    def labels(self) -> list[str]:
        return [attributes.get("aria-label", "") for _, attributes in self.tags]


@pytest.fixture(scope="module")
def evil() -> Read:
    lines = ranking(*(share(text, 9, link=text, account=text, daily=(1,) * 4) for text in EVIL))
    lines = replace(lines, lines=(*lines.lines, share("good", 1, link=ADDRESS)))
    [anomaly] = made().anomalies or ()
    anomalies = tuple(replace(anomaly, name=text, title=text) for text in EVIL)
    figures = made(
        EVIL[0],
        chosen={"tag": EVIL},
        days=tuple(replace(day, why=EVIL[0] if day.why else "") for day in DAYS),
        links=lines,
        countries=lines,
        cities=lines,
        devices=lines,
        referrers=lines,
        new_links=lines,
        quiet_links=lines,
        anomalies=anomalies,
    )
    return Read(page(figures, Filters({"tag": EVIL[1]}, {"group": EVIL}, "")))


def test_texts_from_outside_stay_texts(evil: Read) -> None:
    tags = [tag for tag, _ in evil.tags]
    assert (tags.count("script"), tags.count("style"), tags.count("img")) == (1, 1, 0)
    assert not {"b", "i", "iframe", "object", "base", "image", "foreignobject"} & set(tags)
    for _, attributes in evil.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
    shown = "".join(evil.texts)
    for text in EVIL[:8]:
        assert text in shown
    assert not {"\u202e", "\x1b", "\x00"} & set(shown)
    assert "49" not in re.findall(r"\{\{ 7 \* 7 \}\}|49", shown)
    assert "x" * 121 not in shown


def test_links_lead_to_addresses_of_the_web_only(evil: Read) -> None:
    leading = {each["href"] for tag, each in evil.tags if tag == "a"}
    assert leading == {"#main", ADDRESS}


def test_the_page_asks_nobody_for_anything(evil: Read) -> None:
    asking = {"src", "srcset", "action", "data", "poster", "background", "xlink:href", "ping"}
    for tag, attributes in evil.tags:
        assert tag not in {"link", "iframe", "img", "image", "use"}
        assert not {name: value for name, value in attributes.items() if name in asking and value}
    written = "".join(evil.raw["style"] + evil.raw["script"])
    assert not re.search(r"url\((?!#)|@import|fetch|XMLHttp|import\(|eval|innerHTML", written)


def test_its_policy_lets_its_own_style_and_script_act_and_nothing_else(evil: Read) -> None:
    [policy] = [each["content"] for _, each in evil.tags if "http-equiv" in each]
    assert policy.startswith("default-src 'none'; ")
    for kind, texts in evil.raw.items():
        digest = hashlib.sha256("".join(texts).encode()).digest()
        assert f"{kind}-src 'sha256-{base64.b64encode(digest).decode()}'" in policy
    assert "unsafe" not in policy


@pytest.fixture(scope="module")
def read() -> Read:
    return Read(page(made()))


def test_each_day_says_its_clicks_and_a_missing_one_that_it_is_not_known(read: Read) -> None:
    said = [label for label in read.labels() if label.startswith("2026-11-")]
    expected = [
        "2026-11-18: 7 clicks",
        "2026-11-19: not known (not harvested)",
        "2026-11-20: 5 clicks (3 links not known)",
        "2026-11-21: 0 clicks (not over yet)",
    ]
    assert said == expected * 2  # the broad and the narrow chart
    assert {"not known", "final"} <= {text.strip() for text in read.texts}


def test_the_map_has_every_country_and_its_clicks(read: Read) -> None:
    labels = read.labels()
    assert "Germany: 7 clicks" in labels
    for country in countries().values():
        if country.outline and country.code != "AQ":
            clicks = 7 if country.code == "DE" else 0
            assert f"{country.name}: {clicks} clicks" in labels


def test_hours_show_where_they_were_harvested_and_a_sentence_elsewhere(read: Read) -> None:
    labels = read.labels()
    assert labels.count("Mon 09:00: 4 clicks") == labels.count("Tue 09:00: 0 clicks") == 2
    assert labels.count("Wed 09:00: not known") == 2
    without = Read(page(made(hours=None)))
    assert "Mon 09:00: 4 clicks" not in without.labels()
    assert "No hours were harvested" in "".join(without.texts)


def test_each_chart_has_a_table_with_the_same_numbers(read: Read) -> None:
    tables = [each.get("id") for tag, each in read.tags if tag == "table"]
    assert {"clicks-by-day", "top-links", "countries", "cities", "devices", "referrers"} <= {
        *tables
    }


def test_what_is_not_there_is_a_sentence() -> None:
    none = Ranking()
    figures = made(links=none, countries=none, cities=none, devices=none, referrers=none)
    figures = replace(figures, new_links=none, quiet_links=none, anomalies=())
    said = "".join(Read(page(figures)).texts)
    for words in ("No link was clicked.", "Cities were not harvested.", "Nothing out of the ord"):
        assert words in said
    figures = replace(figures, quiet_links=None, anomalies=None)
    said = "".join(Read(page(figures)).texts)
    assert "Cannot be told: 2 days of this period not wholly known." in said
    assert "Only the newest week is judged" in said


def test_a_period_that_was_not_harvested_says_so_and_draws_nothing() -> None:
    days = tuple(replace(day, clicks=0, known=Known.MISSING) for day in DAYS)
    empty = Read(page(made(days=days)))
    assert "Nothing is known of these days" in "".join(empty.texts)
    assert not [label for label in empty.labels() if label.startswith("2026-")]


def test_what_cannot_be_shown_is_said_in_the_form(read: Read) -> None:
    form = Filters({"tag": 'a"b', "period": "7d"}, {"group": ["B1"]}, "no tag 'a'")
    live = Read(page(made(), form))
    assert "no tag 'a'" in live.texts
    fields = {each.get("name"): each.get("value") for tag, each in live.tags if tag == "input"}
    assert fields["tag"] == 'a"b'
    assert "form" not in [tag for tag, _ in read.tags]


def test_a_year_of_many_links_is_a_page_below_two_megabytes() -> None:
    days = tuple(DayOfClicks(FIRST + timedelta(days=n), n, Known.FINAL) for n in range(365))
    links = (share("x" * 99, 9, link="https://bit.ly/" + "x" * 99, daily=(7,) * 365),) * 300
    period = Period(FIRST, days[-1].day)
    figures = made("x" * 99, days=days, period=period, links=ranking(*links), hours=None)
    assert len(page(figures)) < 1_500_000


def test_a_line_of_a_link_is_broken_where_days_are_missing() -> None:
    drawn = spark(Share("a", 6, daily=(1, 0, 2, 3)), DAYS)
    assert drawn.count("M") == 2
    assert "at most 3 clicks a day" in drawn


@pytest.mark.parametrize("largest", [1, 2, 7, 99, 100, 12_345])
def test_the_legend_of_shades_says_what_is_shaded(largest: int) -> None:
    said = dict(shade_words(largest))
    for clicks in range(1, largest + 1):
        low, _, high = said[shade(clicks, largest)].replace(",", "").partition(" to ")
        assert int(low) <= clicks <= int(high or low)
    assert max(said) <= SHADES


def test_countries_have_names_and_unknown_codes_are_shown_as_they_are() -> None:
    assert (country_name("DE"), country_name(""), country_name("Q?")) == (
        "Germany",
        "Unknown",
        "Q?",
    )
    placed = [each for each in countries().values() if each.outline or each.place]
    assert len(placed) > 220
