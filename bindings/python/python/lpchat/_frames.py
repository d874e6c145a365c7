"""Tables in other libraries' forms and as HTML. What the extension module's tables call."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    import pandas
    import polars
    import pyarrow

    from lpchat._native import EngagementTable

SHOWN_ROWS = 10


def library(name: str) -> Any:
    """A package that lpchat works with and does not install."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(f"This needs the package {name}: `pip install {name}` (or `pip install 'lpchat[{name}]'`).") from error


def to_arrow(table: EngagementTable) -> pyarrow.Table:
    return library("pyarrow").table(table)


def to_pandas(table: EngagementTable) -> pandas.DataFrame:
    library("pandas")
    frame: pandas.DataFrame = to_arrow(table).to_pandas()
    return frame


def to_polars(table: EngagementTable) -> polars.DataFrame:
    frame: polars.DataFrame = library("polars").DataFrame(table)
    return frame


def to_html(columns: Sequence[str], rows: Iterable[Sequence[object]], count: int, what: str) -> str:
    """A small table of the first of `count` rows; every text is escaped, since chats hold what strangers typed."""
    import html

    def cell(value: object) -> str:
        return f"<td>{html.escape('' if value is None else str(value))}</td>"

    head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(map(cell, row))}</tr>" for row in rows)
    shown = f", the first {SHOWN_ROWS} shown" if count > SHOWN_ROWS else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{count} {what}{shown}</p>"
