"""A bitlink's id: the domain in lower case, the back-half byte for byte."""

import pytest

from harvester.domain.subjects import bitlink_id


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("bit.ly/2Qj2niP", "bit.ly/2Qj2niP"),
        ("http://Bit.LY/2Qj2niP", "bit.ly/2Qj2niP"),
        ("https://example.shop/Öl/1?a=b#c", "example.shop/Öl/1?a=b#c"),
        ("FANSELFIE.me/ea", "fanselfie.me/ea"),
    ],
)
def test_urls_and_ids_name_the_same_link(given: str, meant: str) -> None:
    assert bitlink_id(given) == meant


def test_capitals_of_the_back_half_make_another_link() -> None:
    assert bitlink_id("bit.ly/Spring") != bitlink_id("bit.ly/spring")


@pytest.mark.parametrize("given", ["", "2Qj2niP", "https://bit.ly/", "https:///abc"])
def test_a_half_is_no_bitlink(given: str) -> None:
    with pytest.raises(ValueError, match="no bitlink"):
        bitlink_id(given)
