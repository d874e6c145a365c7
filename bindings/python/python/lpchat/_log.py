"""What lpchat logs, through the logger `lpchat` of the standard library."""

from __future__ import annotations

from lpchat import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging

    logger: logging.Logger


def set_log_level(level: int | None) -> None:
    """Log records of this level (`logging.DEBUG`, …) and above to the logger `lpchat`; `None` stops it.

    Nothing is logged before the first call of this function. Records name operations, statuses, request ids, sizes and
    times, never credentials, texts or names of people.
    """
    _native.set_log_level(level)
    if level is not None:
        __getattr__("logger").setLevel(level)


def __getattr__(name: str) -> logging.Logger:
    """The logger, once somebody wants one: importing `logging` takes longer than all of lpchat."""
    if name != "logger":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import logging

    made = logging.getLogger("lpchat")
    if not made.handlers:
        made.addHandler(logging.NullHandler())
    globals()[name] = made
    return made
