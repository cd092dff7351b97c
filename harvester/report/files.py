"""Where an export goes: a file that is whole or not there, or a stream that somebody reads.

A file grows as `NAME.part`; beside it `NAME.part.at` says up to which key it is complete, and of
which export. The same export asked for again goes on from there; the last step is a rename.
"""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from harvester.domain.errors import HarvesterError
from harvester.report.sources import Key

SYNC_EVERY: Final = 8 * 1024 * 1024  # bytes that a crash costs at most


class ExportFailed(HarvesterError):
    """What is written to does not take it: a full disk, a pipe that nobody reads, no permission."""


@dataclass(slots=True)
class Part:
    """A file that is being written, and what is complete of it: `size` bytes, up to `after`.

    `question` tells one export from another. `rows` are counted in the complete part.
    """

    path: Path
    question: str
    out: BinaryIO
    after: Key = None
    rows: int = 0
    size: int = 0
    _synced: int = field(default=0)

    @property
    def resumed(self) -> bool:
        """Whether something of an earlier time is kept."""
        return self.size > 0

    def write(self, data: bytes) -> None:
        """Write at the end."""
        self.out.write(data)

    def complete(self, after: Key, rows: int) -> None:
        """Note that all up to a key, `rows` in number, is written."""
        self.after, self.rows, self.size = after, rows, self.out.tell()
        if self.size - self._synced >= SYNC_EVERY:
            self.keep()

    def keep(self) -> None:
        """Let what is complete survive whatever comes."""
        self.out.flush()
        os.fsync(self.out.fileno())
        told = {"of": self.question, "after": self.after, "rows": self.rows, "size": self.size}
        beside = _at(self.path)
        new = beside.with_name(f"{beside.name}.new")
        new.write_text(json.dumps(told), encoding="utf-8")
        new.replace(beside)
        self._synced = self.size


@contextmanager
def file(path: Path, question: str, *, resumable: bool = True) -> Iterator[Part]:
    """Yield a part to write to; it becomes `path` when the block ends well.

    If it does not, what is complete of it stays for the next time, and nothing else. Raises
    ExportFailed.
    """
    with told_of(path):
        part_path = path.with_name(f"{path.name}.part")
        with os.fdopen(os.open(part_path, os.O_RDWR | os.O_CREAT, 0o666), "r+b") as out:
            _lock(out, path)
            after, rows, size = (_known(part_path, question) if resumable else None) or (None, 0, 0)
            out.truncate(size)
            out.seek(size)
            part = Part(part_path, question, out, after, rows, size)
            try:
                yield part
            except BaseException:
                with suppress(OSError):
                    _leave(part, resumable=resumable)
                raise
            out.flush()
            os.fsync(out.fileno())
        part_path.replace(path)
        _at(part_path).unlink(missing_ok=True)


@contextmanager
def told_of(path: Path | str) -> Iterator[None]:
    """Turn an error of writing into one line. Raises ExportFailed."""
    try:
        yield
    except BrokenPipeError:
        raise ExportFailed("nobody reads the output any more: it ends here") from None
    except OSError as error:
        kept = ""
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            kept = "; make room and say the same again: it goes on from where it broke off"
        raise ExportFailed(f"{path}: {error.strerror or error}{kept}") from None


def _known(part: Path, question: str) -> tuple[Key, int, int] | None:
    """Return what is complete of a part that belongs to the same export."""
    try:
        told = json.loads(_at(part).read_text(encoding="utf-8"))
        whole = told["of"] == question and part.stat().st_size >= told["size"] > 0
        return (told["after"], told["rows"], told["size"]) if whole else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _leave(part: Part, *, resumable: bool) -> None:
    """Keep what is complete of a part that breaks off, or leave no trace of it."""
    if resumable and part.size:
        part.keep()
    else:
        part.path.unlink()
        _at(part.path).unlink(missing_ok=True)


def _at(part: Path) -> Path:
    return part.with_name(f"{part.name}.at")


def _lock(out: BinaryIO, path: Path) -> None:
    """Keep a second export from the same file. Where there are no locks it is not kept."""
    with suppress(ImportError):
        import fcntl  # noqa: PLC0415 - not on every system

        try:
            fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ExportFailed(f"{path}: another export is writing it") from None
