"""What lpchat logs, through the logger `lpchat` of the standard library."""

from __future__ import annotations

import logging

from lpchat import _native

logger = logging.getLogger("lpchat")
logger.addHandler(logging.NullHandler())


def set_log_level(level: int | None) -> None:
    """Log records of this level (`logging.DEBUG`, …) and above to the logger `lpchat`; `None` stops it.

    Nothing is logged before the first call of this function. Records name operations, statuses, request ids, sizes and
    times, never credentials, texts or names of people.
    """
    _native.set_log_level(level)
    if level is not None:
        logger.setLevel(level)
