"""All that the code can send is on the list in SECURITY.md, and nothing of it alters anything."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from harvester.bitly import exports, wire
from harvester.bitly.facets import FACETS
from harvester.bitly.rosters import ROSTERS, USED, page_request
from harvester.bitly.wire import Request
from harvester.domain.windows import day_window

ROOT = Path(__file__).parents[2]
SOURCES = {
    str(path.relative_to(ROOT / "harvester")): ast.parse(path.read_text(encoding="utf-8"))
    for path in (ROOT / "harvester").rglob("*.py")
}
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAYS = [day_window(NOW.date())]
WHOSE = dict.fromkeys(
    ("group_guid", "organization_guid", "campaign_guid", "channel_guid", "client_id", *USED), "B"
)

# How each function that makes a request is called; plain ones are called with what the code says.
BUILDERS: dict[str, Callable[[], list[Request]]] = {
    "plain_request": lambda: [wire.plain_request(path) for path in sorted(plain_paths())],
    "plan_limits_request": lambda: [wire.plan_limits_request("O")],
    "bitlinks_request": lambda: [wire.bitlinks_request("B", ""), wire.bitlinks_request("B", "x")],
    "roster_request": lambda: [
        page_request(roster, WHOSE, cursor) for roster in ROSTERS.values() for cursor in ("", "x")
    ],
    "metric_request": lambda: [
        wire.metric_request(facet, "a/b" if "bitlink}" in facet.endpoint else "B", DAYS, NOW)
        for facet in FACETS.values()
    ],
    "group_clicks_request": lambda: [wire.group_clicks_request("B", DAYS, NOW)],
    "sorted_request": lambda: [wire.sorted_request("B", DAYS, NOW)],
    "resource_request": lambda: [
        wire.resource_request(path, "a/b" if "bitlink}" in path else "B", {})
        for path in sorted(resource_paths())
    ],
    "expand_request": lambda: [wire.expand_request("bit.ly/a")],
    "_request": lambda: [
        exports.engagements_request("B", ["bit.ly/a"], DAYS[0]),
        *(exports.list_request("B", each, {}) for each in exports.LISTS),
    ],
}


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield each call of `name`, as a function or as a method, and the file that it stands in."""
    for file, tree in SOURCES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and name in {
                getattr(node.func, "id", None),
                getattr(node.func, "attr", None),
            }:
                yield file, node


def plain_paths() -> set[str]:
    """Return the paths that requests without arguments are made of, all over the code."""
    found: set[str] = set()
    for file, call in calls("plain_request"):
        [argument] = call.args
        found.add(literal(file, argument))
    return found


def resource_paths() -> set[str]:
    """Return the path templates that stand in the library's resources."""
    return {
        node.value
        for file, tree in SOURCES.items()
        if file.startswith("bitly/api/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.fullmatch(r"(/[\w{}-]+)+", node.value)
    }


def constants() -> dict[str, ast.expr]:
    """Return the values of all annotated names at the top of a module."""
    return {
        line.target.id: line.value
        for tree in SOURCES.values()
        for line in tree.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.value
    }


def literal(file: str, node: ast.expr) -> str:
    """Return the text that an expression stands for: itself, or a constant that is imported."""
    if isinstance(node, ast.Name):
        node = constants()[node.id]
    assert isinstance(node, ast.Constant), f"{file}: not a text that stands in the code"
    assert isinstance(node.value, str)
    return node.value


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Return the modules that a line imports."""
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [each.name for each in node.names]


def listed() -> set[tuple[str, str]]:
    """Return the methods and path templates that SECURITY.md lists."""
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| (GET|POST|PUT|PATCH|DELETE) \| `([^`]+)` \|", text, re.MULTILINE))


def test_requests_are_made_in_two_modules_by_functions_known_here() -> None:
    makers = {
        (file, function.name)
        for file, tree in SOURCES.items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "Request"
    }
    assert {file for file, _ in makers} == {"bitly/wire.py", "bitly/exports.py"}
    assert {name for _, name in makers} == set(BUILDERS)
    inside = {file for file, _ in calls("Request")}
    assert inside == {"bitly/wire.py", "bitly/exports.py"}, "none is made outside of functions"


def test_what_can_be_sent_is_what_security_md_lists() -> None:
    can = {(request.method, request.endpoint) for make in BUILDERS.values() for request in make()}
    assert can == listed()


def test_a_path_is_of_the_endpoint_that_it_is_counted_by() -> None:
    for make in BUILDERS.values():
        for request in make():
            template = re.sub(r"\\\{\w*bitlink\\\}", "[^/]+/[^/]+", re.escape(request.endpoint))
            template = re.sub(r"\\\{\w+\\\}", "[^/]+", template)
            assert re.fullmatch(template, request.path), request


def test_expansions_and_exports_alone_are_posted() -> None:
    posted = [
        request for make in BUILDERS.values() for request in make() if request.method != "GET"
    ]
    assert {(each.method, each.endpoint) for each in posted} == {
        ("POST", "/expand"),
        ("POST", "/groups/{group_guid}/exports"),
    }
    kinds = (exports.ENGAGEMENTS, *exports.LISTS)
    for request in posted:
        told = json.loads(request.body or b"")
        assert told == {"bitlink_id": "bit.ly/a"} or told["export_type"] in kinds


def test_http_is_spoken_in_one_place_and_only_by_get_and_post() -> None:
    speakers = {
        file: names
        for file, tree in SOURCES.items()
        if not file.startswith("sandbox/")
        if (names := spoken(tree))
    }
    served = {file for file, names in speakers.items() if names == {"aiohttp.web"}}
    assert served == {"daemon/web.py", "report/web.py"}, "these answer, and ask nobody"
    keeps_sockets = "bitly/connections.py"
    asks = {"bitly/transport.py", "daemon/notify.py"}
    assert speakers.keys() - served == asks | {keeps_sockets}
    assert methods(keeps_sockets, "_session") == set()
    assert methods("bitly/transport.py", "_session") == {"get", "post", "close"}
    assert methods("daemon/notify.py", "session") == {"post"}


def spoken(tree: ast.AST) -> set[str]:
    """Return by what a module can speak HTTP."""
    lines = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {
        f"{name}.{each.name}" for line in lines for name in imported(line) for each in line.names
    }
    known = r"(aiohttp|urllib\.request|urllib3|http\.client|requests|httpx|ftplib)\b"
    return {name for name in names if re.match(known, name)}


def methods(file: str, session: str) -> set[str]:
    """Return what a file calls of its session."""
    return {
        node.func.attr
        for node in ast.walk(SOURCES[file])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if session in {getattr(node.func.value, "attr", None), getattr(node.func.value, "id", None)}
    }


def test_each_proof_that_security_md_names_is_there() -> None:
    named = re.findall(r"`((?:tests|\.ci)/[\w/.]+)`", (ROOT / "SECURITY.md").read_text("utf-8"))
    assert len(named) > 10
    assert all((ROOT / name).is_file() for name in named)
