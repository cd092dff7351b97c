"""How much a log holds, and in what form."""

from enum import StrEnum


class Level(StrEnum):
    """The least that is written, from much to little."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Form(StrEnum):
    """`auto` is text on a terminal and JSON lines otherwise."""

    AUTO = "auto"
    TEXT = "text"
    JSON = "json"
