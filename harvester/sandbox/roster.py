"""Bitlinks out of a seed: names, titles, dates, custom back-halves, with the oddities of life."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from harvester.domain.rosters import BitlinkDetails
from harvester.sandbox.traffic import key

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LENGTH = 6
_STRIDE = 2_654_435_761  # prime to 62: every number below 62**6 comes once
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TITLES = (
    "Spring sale",
    "Über uns: Größe & Gewähr",
    "He said \"yes\", she said 'no'",
    "مرحبا بالعالم",
    "\u202eright to left\u202c and back",
    "🚀 launch 👩‍👩‍👧 day",
    "'; DROP TABLE bitlinks; --",
    "<b>bold</b>; =1+1; a,b;c",
    "東京タワー",
    "",
)
_CONTROLS = ("bell \x07 and tab \t", "two\nlines\r", "unit \x1f separator")
_BACK_HALVES = ("Sale-{}", "frühling-{}", "50%-off-{}", "a+b_{}", "SALE-{}~x", "お得-{}")
_TAGS = ((), (), (), ("news",), ("news", "Größe L"), ("a,b", 'q"q'))


_DEEPLINKS = '[{{"guid":"D{}","app_uri_path":"/page","os":"ios","install_type":"no_install"}}]'


@dataclass(frozen=True, slots=True)
class Recipe:
    """What made-up bitlinks have in common; one of `custom_every` has a custom back-half."""

    seed: int
    today: date
    days: int
    login: str
    custom_every: int = 6
    control_characters: bool = False


def made_up(recipe: Recipe, indexes: range) -> Iterator[BitlinkDetails]:
    """Yield the bitlinks of these numbers; each depends on nothing but the recipe and its own."""
    for index in indexes:
        dice = key(recipe.seed, f"link {index}")
        name = f"{'bit.ly' if dice % 5 else 'go.example.com'}/{_back_half(recipe.seed, index)}"
        yield BitlinkDetails(
            id=name,
            link=f"{'https' if dice % 3 else 'http'}://{name}",
            long_url=f"https://www.example.com/page/{index}?utm_source=sandbox&n={dice % 997}",
            title=_title(recipe, dice, index),
            created_at=_created_at(recipe, dice),
            created_by=recipe.login if dice % 7 else None,
            client_id=None if dice % 4 else f"{dice % 3:016x}",
            archived=dice % 11 == 0,
            tags=_TAGS[dice % len(_TAGS)],
            custom_ids=_custom_ids(recipe, dice, index),
            campaign_ids=() if dice % 9 else (f"C{recipe.seed}spring",),
            qr_code_ids=() if dice % 10 else (f"Q{recipe.seed}n{index}",),
            deeplinks=None if dice % 23 else _DEEPLINKS.format(index),
        )


def _back_half(seed: int, index: int) -> str:
    # Every 40th name is its forerunner's in other capitals: two links, says Bitly.
    if index % 40 == 1:
        twin = _back_half(seed, index - 1).swapcase()
        return f"{twin}{_ALPHABET[index % 10]}x" if twin.swapcase() == twin else f"{twin}"
    number = ((index + 1) * _STRIDE + key(seed, "names")) % 62**_LENGTH
    digits = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, 62)
        digits.append(_ALPHABET[digit])
    return "".join(digits)


def _title(recipe: Recipe, dice: int, index: int) -> str | None:
    if dice % 13 == 0:
        return None
    if recipe.control_characters and dice % 9 == 0:
        return _CONTROLS[dice % len(_CONTROLS)]
    return _TITLES[dice % len(_TITLES)] if dice % 5 == 0 else f"Page {index}"


def _created_at(recipe: Recipe, dice: int) -> datetime:
    if dice % 97 == 0:
        return _EPOCH  # seen in real answers
    age = 1 + dice % (2 * recipe.days)
    midnight = datetime.combine(recipe.today, time(), UTC)
    return midnight - timedelta(days=age) + timedelta(seconds=(dice >> 16) % 86_400)


def _custom_ids(recipe: Recipe, dice: int, index: int) -> tuple[str, ...]:
    if (dice >> 24) % recipe.custom_every:
        return ()
    first = _BACK_HALVES[(dice >> 32) % len(_BACK_HALVES)].format(index)
    older = (f"bit.ly/old-{index}",) if dice % 2 else ()
    return (f"bit.ly/{first}", *older)
