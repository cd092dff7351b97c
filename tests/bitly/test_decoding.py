"""Bodies are read leniently where that loses nothing, in one step or two, always to the same."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.bitly.decoding import Body, converted, excerpt
from harvester.bitly.errors import NotJson, UnexpectedShape, Unreadable
from harvester.bitly.models import Count


class Titled(msgspec.Struct):
    title: str | None = None
    clicks: Count = 0


def read(body: bytes) -> object:
    return Body(body).json()


def outcome(value: object) -> object:
    try:
        return converted(value, Titled)
    except UnexpectedShape as error:
        return str(error)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a":[1,"x"]}', {"a": [1, "x"]}),
        (b'["a\\u0000b"]', ["a�b"]),
        (b'{"title":"two\nlines\x01"}', {"title": "two\nlines\x01"}),
        (b'["\\u0000", "\\ud83d", "\\ud83d\\ude00", "\\\\u0000"]', ["�", "�", "😀", "\\u0000"]),
        (b'{"\\u0000":{"b":["\x00"]}}', {"�": {"b": ["�"]}}),
        (b'["caf\xe9"]', ["caf�"]),
        (b"\xef\xbb\xbf[]", []),
    ],
)
def test_body_is_read_with_odd_characters_made_storable(body: bytes, value: object) -> None:
    assert read(body) == value


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>busy</html>", b'{"a":', b'{"a":1} x', b"NaN", b"[" * 100_000, b"9" * 5000],
)
def test_body_that_is_no_json_is_an_error(body: bytes) -> None:
    with pytest.raises(NotJson):
        read(body)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_text_comes_through_unchanged(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    assert read(f'["{escaped}"]'.encode()) == [text]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_by_name(body: bytes) -> None:
    try:
        read(body)
    except NotJson as error:
        assert str(error).isprintable()  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize(
    "body",
    [
        b'{"title":"two\nlines\x01","clicks":1}',
        b'{"title":"\\ud83d","clicks":1}',
        b'{"title":"\\u0000","clicks":1}',
        b'{"\\u0000":1,"title":"a"}',
    ],
)
def test_odd_characters_do_not_hinder_a_shape(body: bytes) -> None:
    assert Body(body).shaped(Titled) == converted(read(body), Titled)


@pytest.mark.parametrize("body", [b'{"title":1,"clicks":', b"<html>busy</html>", b""])
def test_half_a_body_is_no_json_whatever_its_shape(body: bytes) -> None:
    with pytest.raises(NotJson):
        Body(body).shaped(Titled)


@given(
    st.dictionaries(
        st.sampled_from(["title", "clicks", "other"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=5)
        | st.lists(st.integers(), max_size=2),
    )
)
def test_one_step_reads_what_two_steps_read(value: dict[str, object]) -> None:
    body = Body(json.dumps(value).encode())
    try:
        found: object = body.shaped(Titled)
    except Unreadable as error:
        found = str(error)
    assert found == outcome(body.json())


@given(st.binary(max_size=1000))
def test_excerpt_is_one_short_printable_line(body: bytes) -> None:
    assert excerpt(body).isprintable()
    assert len(excerpt(body)) <= 200


def test_excerpt_escapes_control_characters_and_marks_a_cut() -> None:
    assert excerpt(b"a\nb\x1b") == r"a\nb\x1b"
    assert excerpt(b"x" * 500).endswith("...")
