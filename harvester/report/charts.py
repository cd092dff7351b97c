"""Small charts in text. Pure: numbers in, lines out."""

from collections.abc import Sequence

BLOCKS = " ▁▂▃▄▅▆▇█"
JOINER = "\u200d"


def columns(values: Sequence[int], *, height: int) -> list[str]:
    """Draw `values` as columns of eighths, `height` lines from top to bottom; 0 draws nothing.

    The largest value fills the height; any value above 0 shows at least an eighth.
    """
    largest = max(values, default=0)
    eighths = [_eighths(value, largest, height) for value in values]
    return [
        "".join(BLOCKS[min(max(count - 8 * line, 0), 8)] for count in eighths)
        for line in reversed(range(height))
    ]


def _eighths(value: int, largest: int, height: int) -> int:
    if value <= 0:
        return 0
    return max(1, value * height * 8 // largest)


def bar(value: int, largest: int, *, width: int) -> str:
    """Draw `value` as a bar of at most `width` characters; any value above 0 shows."""
    if value <= 0 or largest <= 0:
        return ""
    eighths = max(1, value * width * 8 // largest)
    full, rest = divmod(eighths, 8)
    return "█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")


def printable(text: str, *, most: int = 60) -> str:
    """Return `text` fit for one line of a terminal, as `clean` does, at most `most` long."""
    shown = clean(text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def clean(text: str) -> str:
    """Return `text` without what acts on a terminal: control characters, ends of lines, bidi marks.

    Names and titles come from outside; an escape sequence among them could repaint the screen, and
    a mark for text from right to left could turn the rest of the line. The joiner that makes one
    picture of several emoji is let through.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character == JOINER else "�" for character in text
    )
