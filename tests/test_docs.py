"""What is documented is what is there: settings, variables, exit codes, dependencies, commands."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, fields
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from harvester.cli.app import COMMANDS
from harvester.config import Origin, load
from harvester.config.reading import FILE_VARIABLE, TOKEN_VARIABLE
from harvester.config.settings import SECTIONS, AccountKeys, AttributionKeys
from harvester.config.sources import OF_FILE
from harvester.config.values import as_length
from harvester.domain.errors import Exit

ROOT = Path(__file__).parent.parent
SCHEMAS = {**SECTIONS, "accounts": AccountKeys, "attribution": AttributionKeys}
KEYS = {f"{table}.{spec.name}": spec for table, of in SCHEMAS.items() for spec in fields(of)}
EXAMPLE = (ROOT / "config.example.toml").read_text(encoding="utf-8")


def doc(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


CONFIGURATION = doc("docs/configuration.md")


def rows(first_cell: str) -> Iterator[list[str]]:
    """The cells of the rows of tables in docs/configuration.md that start with `first_cell`."""
    for line in CONFIGURATION.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if line.startswith("|") and cells[0] == first_cell:
            yield cells


def as_written(value: object) -> str:
    """A default as the documentation writes it."""
    if value is None:
        return "not set"
    if isinstance(value, timedelta):
        return f"`{as_length(value)}`"
    if isinstance(value, StrEnum | str):
        return f"`{value}`"
    return f"`{json.dumps(value)}`"


@pytest.mark.parametrize("key", KEYS)
def test_setting_is_documented_with_its_default(key: str) -> None:
    [[_, default, meaning]] = rows(f"`{key}`")
    assert meaning
    if KEYS[key].default is MISSING:
        assert default == "required"
    elif key == "accounts.facets":
        assert default == "those of `[harvest]`"
    else:
        assert default == as_written(KEYS[key].default)


def test_no_setting_is_documented_that_does_not_exist() -> None:
    tables = "|".join(SCHEMAS)
    assert set(re.findall(rf"^\| `((?:{tables})\.\w+)`", CONFIGURATION, re.MULTILINE)) == set(KEYS)


def test_environment_variables_are_documented() -> None:
    variables = {spec.metadata["variable"] for spec in KEYS.values()} - {None}
    secret = {spec.metadata["variable"] for spec in KEYS.values() if spec.metadata["secret"]}
    variables |= {f"{each}{OF_FILE}" for each in (secret & variables) | {TOKEN_VARIABLE}}
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", CONFIGURATION, re.MULTILINE))
    assert documented == variables | {FILE_VARIABLE, TOKEN_VARIABLE}


@pytest.mark.parametrize("code", Exit, ids=lambda code: code.name)
def test_exit_code_is_documented(code: Exit) -> None:
    [[_, name, meaning]] = rows(str(int(code)))
    assert name == code.name.lower().replace("_", " ")
    assert meaning


def uncommented(toml: str) -> dict[str, Any]:
    """The example with the keys that it leaves commented out, too."""
    return tomllib.loads(re.sub(r"^# (\w+ = |\[\[)", r"\1", toml, flags=re.MULTILINE))


def test_example_is_valid_and_holds_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {"BITLY_TOKEN": "x"}
    example = load(ROOT / "config.example.toml", environ)
    plain = load(None, environ)
    for section in SECTIONS:
        assert getattr(example, section) == getattr(plain, section)
    assert example.accounts[0].name == plain.accounts[0].name
    assert example.accounts[0].facets == plain.accounts[0].facets
    assert example.warnings == ()


def test_example_names_every_key_once() -> None:
    example = uncommented(EXAMPLE)
    [account] = example.pop("accounts")
    [attribution] = example.pop("attribution")
    named = [f"{table}.{key}" for table, keys in example.items() for key in keys]
    named += [f"accounts.{key}" for key in account]
    named += [f"attribution.{key}" for key in attribution]
    assert sorted(named) == sorted(KEYS)


def test_example_leaves_out_only_what_has_no_default() -> None:
    loaded = load(ROOT / "config.example.toml", {"BITLY_TOKEN": "x"})
    unset = {key for key, origin in loaded.origins.items() if origin is Origin.DEFAULT}
    assert unset == {"limits.month_requests", "schedule.cron", "notify.webhook"}


def requirements() -> list[str]:
    project = tomllib.loads(doc("pyproject.toml"))
    of_project = project["project"]
    extras = of_project["optional-dependencies"]
    lines = of_project["dependencies"] + [line for extra in extras.values() for line in extra]
    return [re.split(r"[^\w.-]", line)[0] for line in lines + project["build-system"]["requires"]]


@pytest.mark.parametrize("name", requirements())
def test_dependency_is_explained(name: str) -> None:
    word = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])", re.IGNORECASE)
    assert word.search(doc("docs/dependencies.md"))


def test_what_dependencies_bring_along_is_named() -> None:
    lock = doc("requirements/runtime.txt") + doc("requirements/build.txt")
    named = doc("docs/dependencies.md").lower()
    missing = [n for n in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE) if n not in named]
    assert missing == []


@pytest.mark.parametrize("command", COMMANDS)
def test_command_is_documented(command: str) -> None:
    pages = [doc("README.md"), *(page.read_text() for page in (ROOT / "docs").glob("*.md"))]
    assert any(f"harvest {command}" in page for page in pages)


def test_links_between_pages_lead_somewhere() -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        for target in re.findall(r"\]\((?!\w+:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
