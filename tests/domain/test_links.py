"""In whatever form a link comes, it is known by Bitly's id; its back-half keeps its capitals."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.domain.links import SHARED, link_id, spellings
from harvester.domain.subjects import bitlink_id

HALVES = st.text(string.ascii_letters + string.digits + "-_~.ü%", min_size=1, max_size=20).map(
    lambda text: f"a{text}"
)
DOMAINS = st.sampled_from(["bit.ly", "go.example.com", "fanselfie.me", "müller.de"])
WRAPPINGS = st.tuples(
    st.sampled_from(["", "http://", "https://", "HTTPS://"]),
    st.sampled_from(["", "/", "+", "+/", "?r=qr", "/?r=qr", "#top", "+?r=lp&x=1"]),
)


@pytest.mark.parametrize(
    "text",
    [
        "bit.ly/1RmnUT",
        "http://bit.ly/1RmnUT",
        "https://j.mp/1RmnUT",
        "bitly.com/1RmnUT",
        "BIT.LY/1RmnUT",
        "bit.ly/1RmnUT/",
        "https://bit.ly/1RmnUT+",
        "https://bit.ly/1RmnUT?r=qr",
        "  bit.ly/1RmnUT \n",
    ],
)
def test_each_form_of_a_link_stands_for_one_id(text: str) -> None:
    assert link_id(text) == "bit.ly/1RmnUT"


def test_a_bare_hash_of_the_old_api_needs_a_domain() -> None:
    assert link_id("a-custom-name", "j.mp") == "bit.ly/a-custom-name"
    assert link_id("2bYgqR", "Go.Example.com") == "go.example.com/2bYgqR"
    assert link_id("bit.ly/x", "go.example.com") == "bit.ly/x"
    with pytest.raises(ValueError, match=r"'2bYgqR' has no domain: say which, such as bit\.ly/2bY"):
        link_id("2bYgqR")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "/",
        "bit.ly",
        "bit.ly/",
        "bit.ly/+",
        "https:///abc",
        "bitly.com/a/account",
        "ftp://a.b/c",
        "bit.ly/a\tb",
        "mailto:me@bit.ly/x",
        "bit.ly:443/x",
        "me@bit.ly/x",
        "bit_ly/x",
        "bit.ly/a%07b c",
        "bit.ly/\x07",
        ".ly/x",
        "http://[::1/x",
        "localhost/x",
        "bit.ly/a b",
    ],
)
def test_what_is_no_short_link_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"bitlink|domain|URL"):
        link_id(text)


@given(domain=DOMAINS, half=HALVES, wrapping=WRAPPINGS)
def test_no_wrapping_changes_the_id(domain: str, half: str, wrapping: tuple[str, str]) -> None:
    before, after = wrapping
    assert link_id(f"{before}{domain.upper()}/{half}{after}") == bitlink_id(f"{domain}/{half}")


@given(st.text(max_size=40), st.sampled_from([None, "bit.ly"]))
def test_an_id_stands_for_itself(text: str, domain: str | None) -> None:
    try:
        found = link_id(text, domain)
    except ValueError:
        return
    assert link_id(found) == found
    assert found in spellings(found)


@given(half=HALVES)
def test_a_link_of_bitlys_own_domains_may_be_stored_under_each_of_them(half: str) -> None:
    found = spellings(f"bit.ly/{half}")
    assert {f"{domain}/{half}" for domain in SHARED} <= set(found)
    assert {link_id(each) for each in found if "%" not in each} <= {*found}
