"""Interned values: the keys of facets, windows and label tuples, made on first sight."""

from collections import OrderedDict
from collections.abc import Iterable
from hashlib import blake2b
from itertools import islice

from sqlalchemy import Connection, select, tuple_

from harvester.domain.facets import kind_of, proved_by
from harvester.domain.windows import Window
from harvester.store.instants import seconds
from harvester.store.tables import facets, labels, windows
from harvester.store.upsert import insert_into

Labels = tuple[str | None, ...]
LabelKey = tuple[int, Labels]  # the facet's key and the labels

_AT_ONCE = 1_000  # values in one statement; both engines allow some 32,000 parameters


class Interning:
    """Remembers keys so that a batch looks up only what is new.

    Throw it away when a transaction that used it is rolled back: it may hold keys that were never
    committed. `most` labels are remembered, and what came last; the least recently used go first.
    """

    def __init__(self, most: int = 100_000) -> None:
        self._most = most
        self._facets: dict[str, int] = {}
        self._windows: dict[Window, int] = {}
        self._labels: OrderedDict[LabelKey, int] = OrderedDict()

    def facet(self, name: str) -> int:
        """Return the key of a facet. Raises KeyError if it is not remembered."""
        return self._facets[name]

    def window(self, window: Window) -> int:
        """Return the key of a window. Raises KeyError if it is not remembered."""
        return self._windows[window]

    def label(self, label: LabelKey) -> int:
        """Return the key of labels. Raises KeyError if it is not remembered."""
        key = self._labels[label]
        self._labels.move_to_end(label)
        return key

    def facets(self, connection: Connection, names: Iterable[str]) -> dict[str, int]:
        """Return the keys of facets by name."""
        new = sorted(set(names) - self._facets.keys())
        if new:
            insert = insert_into(connection, facets).on_conflict_do_nothing()
            connection.execute(insert, [_facet_row(name) for name in new])
            self._facets |= known_facets(connection, new)
        return self._facets

    def windows(self, connection: Connection, wanted: Iterable[Window]) -> dict[Window, int]:
        """Return the keys of windows."""
        new = sorted(set(wanted) - self._windows.keys())
        if new:
            insert = insert_into(connection, windows).on_conflict_do_nothing()
            connection.execute(
                insert,
                [
                    {"unit": each.unit.value, "starts_at": seconds(each.start), "day": each.day}
                    for each in new
                ],
            )
            self._windows |= known_windows(connection, new)
        return self._windows

    def labels(self, connection: Connection, wanted: Iterable[LabelKey]) -> dict[LabelKey, int]:
        """Return the keys of the wanted (facet's key, labels)."""
        while len(self._labels) > self._most:
            self._labels.popitem(last=False)
        found: dict[LabelKey, int] = {}
        new: dict[tuple[int, bytes], LabelKey] = {}
        for key in wanted:
            known = self._labels.get(key)
            if known is None:
                new[key[0], digest(key[1])] = key
            else:
                self._labels.move_to_end(key)
                found[key] = known
        if new:
            made = _interned_labels(connection, new)
            found |= made
            self._labels |= made
        return found


def digest(values: Labels) -> bytes:
    """Return 16 bytes that differ for different labels, null and empty included."""
    hashed = blake2b(digest_size=16)
    for value in values:
        encoded = b"" if value is None else value.encode()
        size = -1 if value is None else len(encoded)
        hashed.update(size.to_bytes(8, "big", signed=True) + encoded)
    return hashed.digest()


def known_facets(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Return the keys of those facets that the store has met."""
    query = select(facets.c.name, facets.c.id).where(facets.c.name.in_(list(names)))
    return {row.name: row.id for row in connection.execute(query)}


def known_windows(connection: Connection, wanted: Iterable[Window]) -> dict[Window, int]:
    """Return the keys of those windows that the store has met."""
    by_key = {(each.unit.value, seconds(each.start)): each for each in wanted}
    columns = (windows.c.unit, windows.c.starts_at)
    found: dict[Window, int] = {}
    keys = iter(by_key)
    while some := list(islice(keys, _AT_ONCE)):
        query = select(windows.c.id, *columns).where(tuple_(*columns).in_(some))
        for row in connection.execute(query):
            found[by_key[row.unit, row.starts_at]] = row.id
    return found


def _interned_labels(
    connection: Connection, new: dict[tuple[int, bytes], LabelKey]
) -> dict[LabelKey, int]:
    # in the order of their digests: two writers that insert the same cannot wait for each other
    ordered = sorted(new)
    insert = insert_into(connection, labels).on_conflict_do_nothing()
    connection.execute(insert, [_label_row(key, new[key][1]) for key in ordered])
    columns = (labels.c.facet_id, labels.c.digest)
    found: dict[LabelKey, int] = {}
    for start in range(0, len(ordered), _AT_ONCE):
        some = ordered[start : start + _AT_ONCE]
        query = select(labels.c.id, *columns).where(tuple_(*columns).in_(some))
        for row in connection.execute(query):
            found[new[row.facet_id, bytes(row.digest)]] = row.id
    return found


def _facet_row(name: str) -> dict[str, object]:
    return {"name": name, "kind": kind_of(name).value, "proved_by": proved_by(name)}


def _label_row(key: tuple[int, bytes], values: Labels) -> dict[str, object]:
    c1, c2, c3, c4 = (*values, None, None, None, None)[:4]
    return {"facet_id": key[0], "digest": key[1], "c1": c1, "c2": c2, "c3": c3, "c4": c4}
