"""`harvest links`: links are watched, expanded and looked up in whatever form they are written."""

import json
from pathlib import Path

from harvester.sandbox.server import Sandbox
from tests.cli.using import Harvest


def some_link(sandbox: Sandbox) -> str:
    guid = next(iter(sandbox.world.groups))
    return next(each.id for each in sandbox.world.links(guid) if each.id.startswith("bit.ly/"))


def test_links_are_watched_listed_and_removed(harvest: Harvest, folder: Path) -> None:
    (folder / "links.txt").write_text("https://j.mp/Abc+\nbit.ly/Abc\nno link\n", "utf-8")
    said = harvest("links", "import", "links.txt")
    assert (said.code, said.out) == (3, "default: 1 links added, 0 watched before\n")
    assert said.error.startswith("links.txt, line 3: ")
    assert harvest("links", "list").out == "bit.ly/Abc  imported\n"
    assert json.loads(harvest("links", "list", "--json").out) == {
        "account": "default",
        "watched": [{"bitlink": "bit.ly/Abc", "from": "imported"}],
    }
    assert harvest("links", "remove", "Abc", "--domain", "j.mp").out.endswith(
        "1 of 1 links removed\n"
    )
    assert harvest("links", "list").out == ""


def test_a_link_is_expanded_whoever_it_belongs_to(harvest: Harvest, sandbox: Sandbox) -> None:
    name = some_link(sandbox)
    details, _ = sandbox.world.found(name)
    [told] = json.loads(harvest("links", "expand", f"http://{name}+", "--json").out)
    assert (told["id"], told["long_url"], told["title"]) == (name, details.long_url, details.title)
    sandbox.switches.forbidden = {name}
    [told] = json.loads(harvest("links", "expand", name, "--json").out)
    assert (told["long_url"], told["title"], told["error"]) == (details.long_url, None, None)
    said = harvest("links", "expand", "bit.ly/thereisnone", name)
    assert said.code == 3
    assert said.out.startswith(f"{name}  {details.long_url}")
    assert said.error.startswith("bit.ly/thereisnone: Bitly answered 404")


def test_links_are_found_by_where_they_lead_first_in_the_database(
    harvest: Harvest, sandbox: Sandbox
) -> None:
    name = some_link(sandbox)
    url = sandbox.world.found(name)[0].long_url.replace("https://www.", "HTTPS://WWW.")
    [told] = json.loads(harvest("links", "lookup", url, "--json").out)
    assert told["bitlink"] == name
    assert sandbox.requests["GET", "/groups/{group_guid}/bitlinks"] > 0
    assert harvest("--since", "1d", "--quiet").code == 0
    sandbox.requests.clear()
    assert harvest("links", "lookup", url).out.startswith(f"{name}  https://www.")
    assert sandbox.requests.total() == 0
    said = harvest("links", "lookup", "https://nowhere.example/")
    assert (said.out, said.error) == (
        "",
        "no link of account default leads to https://nowhere.example/",
    )


def test_what_is_no_link_is_one_line(harvest: Harvest) -> None:
    said = harvest("links", "remove", "1RmnUT")
    assert (said.code, said.error) == (
        2,
        "'1RmnUT' has no domain: say which, such as bit.ly/1RmnUT",
    )
    assert harvest("links", "import", "nosuch.txt").error.startswith("nosuch.txt cannot be read")
