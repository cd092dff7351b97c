"""A list of links is read as it is kept: one to a line, or a column of a CSV."""

from harvester.domain.linklists import listed_links


def test_links_stand_one_to_a_line_in_any_form() -> None:
    found = listed_links("# ours\nbit.ly/a\n\nhttps://J.mp/b+\nbit.ly/a\n")
    assert found.links == ("bit.ly/a", "bit.ly/b")
    assert found.problems == ()


def test_a_csv_is_read_by_its_head() -> None:
    text = '\ufefftitle,Short_URL,clicks\r\n"a, b",http://bit.ly/a,1\r\nx,go.example.com/ü,2\r\n'
    assert listed_links(text).links == ("bit.ly/a", "go.example.com/ü")


def test_what_is_no_link_is_named_by_its_line_and_the_others_are_kept() -> None:
    found = listed_links("bit.ly/a\nnonsense here\n1RmnUT\n")
    assert found.links == ("bit.ly/a",)
    assert [line.partition(":")[0] for line in found.problems] == ["line 2", "line 3"]
    assert listed_links("1RmnUT\n", "bit.ly").links == ("bit.ly/1RmnUT",)
    assert listed_links("").links == ()
