"""One table of the settings, read along its schema: what is given where, typed, or refused."""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from harvester.config.settings import Origin
from harvester.config.values import ExpectedError
from harvester.domain.errors import ConfigError

OF_FILE = "_FILE"  # ends the name of a variable that names the file with the value of a secret one

_EXCERPT = 60  # characters of a wrong value that a message shows
_NOT_GIVEN = (None, ())  # what the command line has for an option that was left out


@dataclass(frozen=True, slots=True)
class Sources:
    """Where values may come from; `file` is None if there is none."""

    file: Path | None
    environ: Mapping[str, str]
    flags: Mapping[str, object]

    def find(
        self, path: str, spec: Field[Any], table: Mapping[str, object]
    ) -> tuple[Origin, str, object]:
        """Return the value of key `path`, its origin, and what a message calls that."""
        variable = spec.metadata["variable"]
        if self.flags.get(path) not in _NOT_GIVEN:
            return Origin.FLAG, "command line", self.flags[path]
        if spec.metadata["secret"] and (named := self.environ.get(f"{variable}{OF_FILE}")):
            return Origin.ENVIRONMENT, f"{variable}{OF_FILE}", _secret(Path(named), path)
        if variable and self.environ.get(variable):
            return Origin.ENVIRONMENT, variable, self.environ[variable]
        return Origin.FILE, str(self.file), table.get(spec.name, MISSING)


def refuse_unknown(
    table: Mapping[str, object], known: Iterable[str], path: str, file: Path | None
) -> None:
    """Raise ConfigError if a table has another key than those that are `known`."""
    names = list(known)
    for key in table:
        if key not in names:
            near = get_close_matches(key, names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(names)}"
            raise ConfigError(f"{file}: unknown key {path}{key!r}; {hint}")


def read(
    schema: type[Any], path: str, table: object, sources: Sources
) -> tuple[Any, dict[str, Origin]]:
    """Return the table at `path` as an instance of `schema`, and the origin of each key."""
    if not isinstance(table, Mapping):
        raise ConfigError(f"{sources.file}: {path}: expected a table, got {_shown(table)}")
    specs = fields(schema)
    refuse_unknown(table, [spec.name for spec in specs], f"{path}.", sources.file)
    given: dict[str, object] = {}
    origins: dict[str, Origin] = {}
    for spec in specs:
        key = f"{path}.{spec.name}"
        origin, where, value = sources.find(key, spec, table)
        if value is MISSING and spec.default is not MISSING:
            origins[key] = Origin.DEFAULT
            continue
        origins[key] = origin
        try:
            given[spec.name] = spec.metadata["parse"](value)
        except ExpectedError as expected:
            got = "a value not shown here" if spec.metadata["secret"] else _shown(value)
            raise ConfigError(f"{where}: {key}: expected {expected}, got {got}") from None
    return schema(**given), origins


def _shown(value: object) -> str:
    if value is MISSING:
        return "nothing"
    text = repr(value)
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}..."


def _secret(file: Path, key: str) -> str:
    try:
        return file.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a text file"
        raise ConfigError(f"{key}: file {file} cannot be read: {why}") from None
