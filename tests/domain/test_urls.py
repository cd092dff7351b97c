"""Two spellings of one URL are one; two URLs never are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.domain.urls import host_and_path, normal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://Google.com", "http://google.com/"),
        ("HTTPS://e.org:443/a", "https://e.org/a"),
        ("https://e.org/%7Ea%2fb", "https://e.org/~a%2Fb"),
        ("e.org/x", "http://e.org/x"),
    ],
)
def test_spellings_of_one_url_are_one(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://e.org/a", "https://e.org/a"),
        ("http://e.org/a", "http://e.org/A"),
        ("http://e.org/a", "http://e.org/a/"),
        ("http://e.org/?a=1", "http://e.org/?a=2"),
        ("http://e.org/#a", "http://e.org/"),
        ("http://e.org:8080/", "http://e.org/"),
    ],
)
def test_other_urls_are_others(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@given(st.text(max_size=60) | st.text("ab/:?#%4Ee.[]@", max_size=30))
def test_the_normal_form_is_its_own(text: str) -> None:
    once = normal(f"http://e.org/{text}")
    assert normal(once) == once
    normal(text)


def test_host_and_path_are_what_bitly_can_be_asked_for() -> None:
    assert host_and_path("HTTPS://E.org:8443/a%62?x=1") == ("e.org", "/ab")
