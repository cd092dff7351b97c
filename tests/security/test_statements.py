"""SQL is written in the code; what comes from outside goes into it as a bound parameter only."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUN = {"text", "execute", "exec_driver_sql", "executescript", "executemany", "scalar", "scalars"}
# Where a statement is no text in the code: what goes into it comes from the code all the same.
KNOWN = {
    ("store/sqlite.py", "pragma"): "one of the words in a tuple beside it",
    ("store/upgrade.py", "name"): "a view's: the name of a file in this package",
    ("store/upgrade.py", "body"): "a view's: the text of a file in this package",
    ("store/standing.py", "query"): "one of the questions at the top of the file",
    ("store/bulk.py", "sql.format(given=of_sqlite)"): "a statement in the code, and columns of it",
    ("store/bulk.py", "sql.format(given=of_postgresql)"): "such a statement, and such columns",
    ("report/asking.py", "sql"): "the text of a file in this package, and conditions of the code",
    ("report/metrics.py", "self.view"): "one of the public views: another name is refused",
    (
        "report/metrics.py",
        "query",
    ): "such a view, and conditions of the code with their values apart",
    ("report/metrics.py", "sql"): "such a view, and the names of its columns",
    ("cli/demo.py", "sql"): "one of the questions at the top of the file",
}


def parts(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what a text is put together from, the texts that stand in the code left out."""
    if isinstance(node, ast.JoinedStr):
        for value in node.values:
            yield from parts(value)
    elif isinstance(node, ast.FormattedValue):
        yield from parts(node.value)
    elif isinstance(node, ast.IfExp):
        yield from parts(node.body)
        yield from parts(node.orelse)
    elif isinstance(node, ast.BinOp):
        yield from parts(node.left)
        yield from parts(node.right)
    elif not isinstance(node, ast.Constant):
        yield node


def speaks_sql(tree: ast.AST) -> bool:
    """Return whether a module imports anything by which a statement can be run."""
    modules = [getattr(node, "module", None) or "" for node in ast.walk(tree)]
    modules += [
        each.name
        for node in ast.walk(tree)
        for each in getattr(node, "names", ())
        if isinstance(each, ast.alias)
    ]
    return any(each.split(".")[0] in {"sqlalchemy", "sqlite3", "asyncpg"} for each in modules)


def built(tree: ast.AST) -> Iterator[str]:
    """Yield each part of a statement that is neither in the code nor one of its constants."""
    for node in ast.walk(tree) if speaks_sql(tree) else ():
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        if name not in RUN:
            continue
        for part in parts(node.args[0]):
            shown = ast.unparse(part)
            assembled = not isinstance(node.args[0], ast.Name | ast.Call | ast.Attribute)
            looked_at = assembled or name in {"text", "exec_driver_sql", "executescript"}
            if looked_at and not re.fullmatch(r"_?[A-Z][A-Z0-9_]*", shown):
                yield shown


def sources() -> dict[str, ast.AST]:
    return {
        str(path.relative_to(ROOT / "harvester")): ast.parse(path.read_text(encoding="utf-8"))
        for path in (ROOT / "harvester").rglob("*.py")
        if "sandbox" not in path.parts
    }


def test_no_statement_is_put_together_from_what_comes_from_outside() -> None:
    found = {(file, part) for file, tree in sources().items() for part in built(tree)}
    assert found == KNOWN.keys()


@pytest.mark.parametrize(
    "line",
    [
        "connection.execute(text(f'SELECT * FROM links WHERE title = {title!r}'))",
        "connection.execute(text('SELECT * FROM links WHERE title = ' + title))",
        "connection.execute(text('SELECT * FROM links WHERE title = %s' % title))",
        "connection.execute(text('SELECT {}'.format(title)))",
        "connection.execute(text(','.join(titles)))",
        "connection.execute(text(statement))",
        "connection.exec_driver_sql(f'DELETE FROM {name}')",
        "cursor.execute(f'DELETE FROM {name}')",
    ],
)
def test_statement_that_is_put_together_is_found(line: str) -> None:
    assert list(built(ast.parse(f"import sqlalchemy\n{line}")))


@pytest.mark.parametrize(
    "line",
    [
        "connection.execute(text('SELECT 1 WHERE :title IS NULL'), {'title': title})",
        "connection.execute(select(links).where(links.c.title == title))",
        "connection.execute(query, values)",
        "connection.execute(text(f'SELECT {_COLUMNS} FROM links'))",
    ],
)
def test_statement_with_bound_parameters_is_not(line: str) -> None:
    assert not list(built(ast.parse(f"import sqlalchemy\n{line}")))
