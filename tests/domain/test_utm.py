"""UTM parameters are read as their maker meant them, of whatever stands in a URL."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.domain.utm import Utm, utm

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
values = words.map(str.strip).filter(bool)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(Utm._fields, values)), words)
def test_what_was_encoded_is_read_back(given: dict[str, str], other: str) -> None:
    query = urlencode([("q", other), *((f"utm_{name}", value) for name, value in given.items())])
    assert utm(f"https://shop.example/item?{query}#utm_source=no") == Utm(**given)


@given(st.text())
def test_no_text_is_refused_and_nothing_empty_comes_of_it(text: str) -> None:
    for value in utm(f"https://shop.example/?utm_source={text}"):
        assert value is None or (value.strip() == value != "" and "\0" not in value)


@pytest.mark.parametrize(
    ("query", "source"),
    [
        ("utm_source=spring+sale%21", "spring sale!"),
        ("UTM_Source=mail", "mail"),
        ("utm_source=&utm_source=b&utm_source=c", "b"),
        ("utm_source=%00", "\ufffd"),
        ("utm_source=caf%E9", "caf\ufffd"),
        ("utm_source=100%", "100%"),
        ("utm_source", None),
        ("my_utm_source=x", None),
    ],
)
def test_odd_queries(query: str, source: str | None) -> None:
    assert utm(f"http://[bad/?{query}").source == source
