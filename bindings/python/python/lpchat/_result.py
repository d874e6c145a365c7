"""The result of a history search: records one by one, pages, and tables."""

from __future__ import annotations

from lpchat import _native
from lpchat._errors import LpchatDecodeError, LpchatIncompleteError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import datetime
    from typing import Any

    import pandas
    import polars
    import pyarrow

    from lpchat._native import AsyncSearch, Engagement, EngagementTable, HistoryReport, RecordFailure, Search, SearchPage


def wrap(native: Search | AsyncSearch) -> SearchResult | AsyncSearchResult:
    """Wrap a search of the core; called by the extension module."""
    return SearchResult(native) if isinstance(native, _native.Search) else AsyncSearchResult(native)


class _Collected:
    """What both kinds of result share: the collected records and what is made of them."""

    _search: Search | AsyncSearch

    def __init__(self) -> None:
        self._records: list[Engagement] | None = None
        self._streaming = False
        self.failures: list[RecordFailure] = []
        """The records that could not be read, with the JSON text of each."""

    @property
    def report(self) -> HistoryReport:
        """What was read so far, and what could not be. Its `summary` reads well; nothing is missing where it `is_complete`."""
        return self._search.report

    @property
    def report_json(self) -> str:
        """The report as JSON, to be stored beside the data."""
        return self._search.report_json

    @property
    def resume_token(self) -> str | None:
        """Hand it to a later search as `resume_token=`: it goes on where this one stands, gaps included."""
        return self._search.resume_token

    @property
    def watermark(self) -> datetime | None:
        """Of `tail`: the `since` of the next pass, once everything was read."""
        return self._search.watermark

    def _begin(self) -> None:
        if self._streaming:
            raise RuntimeError(
                "This result is being streamed already, and a stream can be read once. Search again, or call `records()` "
                "or one of the `to_…` methods first: what they collect can be read any number of times."
            )
        self._streaming = True

    def _complain(self) -> None:
        """Raise, after everything readable was handed out, where something was not readable."""
        if self.failures:
            first = self.failures[0]
            count = "A record" if len(self.failures) == 1 else f"{len(self.failures)} records"
            message = f"{count} could not be read: {first.message} at {first.path}."
            hint = "The readable records are there: call again. `failures` holds the JSON text of the others."
            raise LpchatDecodeError(
                f"{message} Hint: {hint}", family="Decode", code=1202, name="UnexpectedShape", message=message, hint=hint
            )

    def _table(self, records: list[Engagement], table: str, keep_placeholders: bool) -> EngagementTable:
        return _native.EngagementTable(records, table, keep_placeholders=keep_placeholders)


def _library(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(f"This needs the package {name}: `pip install {name}` (or `pip install 'lpchat[{name}]'`).") from error


class SearchResult(_Collected):
    """The engagements that a search found.

    Iterating streams them once, page by page, and holds no more than a page. `records()`, `to_polars()`, `to_pandas()`,
    `to_arrow()` and the Arrow protocol collect everything once and may be called again.
    """

    _search: Search

    def __init__(self, search: Search) -> None:
        super().__init__()
        self._search = search

    def __iter__(self) -> Iterator[Engagement]:
        if self._records is not None:
            return iter(self._records)
        return self._stream()

    def _stream(self) -> Iterator[Engagement]:
        for page in self.pages():
            yield from page.records
        self._complain()

    def pages(self) -> Iterator[SearchPage]:
        """Stream the pages, each with its records and what the service said about it."""
        self._begin()
        while (page := self._search.next_page()) is not None:
            self.failures += page.failures
            yield page

    def count(self) -> int:
        """Ask the service how many engagements match, on the service's own grid of ten minutes."""
        return self._search.count()

    def records(self) -> list[Engagement]:
        """All engagements, collected once.

        Where some are missing this raises, and gives what there is when called again.
        """
        if self._records is None:
            records: list[Engagement] = []
            try:
                for page in self.pages():
                    records += page.records
            except LpchatIncompleteError:
                # What there is stays: whoever asks again gets it, and the report says what is missing.
                self._records = records
                raise
            self._records = records
            self._complain()
        return self._records

    def table(self, name: str = "engagements", *, keep_placeholders: bool = False) -> EngagementTable:
        """A table by its name: `engagements`, `lines`, `surveys`, `sdes`, … `docs/tables.md` lists all and their columns.

        * `keep_placeholders`: keep `NA`, −1 and empty texts as the service sent them instead of making them null.
        """
        return self._table(self.records(), name, keep_placeholders)

    def to_arrow(self, table: str = "engagements", *, keep_placeholders: bool = False) -> pyarrow.Table:
        """A table as a pyarrow table."""
        return _library("pyarrow").table(self.table(table, keep_placeholders=keep_placeholders))

    def to_pandas(self, table: str = "engagements", *, keep_placeholders: bool = False) -> pandas.DataFrame:
        """A table as a pandas data frame."""
        _library("pandas")
        frame: pandas.DataFrame = self.to_arrow(table, keep_placeholders=keep_placeholders).to_pandas()
        return frame

    def to_polars(self, table: str = "engagements", *, keep_placeholders: bool = False) -> polars.DataFrame:
        """A table as a polars data frame."""
        frame: polars.DataFrame = _library("polars").DataFrame(self.table(table, keep_placeholders=keep_placeholders))
        return frame

    def __arrow_c_schema__(self) -> object:
        return _native.EngagementTable([]).__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table().__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        if self._records is not None:
            return f"SearchResult({len(self._records)} engagements)"
        return f"SearchResult({'being streamed' if self._streaming else 'not read yet'})"

    def _repr_html_(self) -> str:
        import html

        if self._records is None:
            return f"<p>{html.escape(repr(self))}: iterate, or call <code>to_pandas()</code> or <code>to_polars()</code>.</p>"
        return _as_html(self._records)


class AsyncSearchResult(_Collected):
    """The engagements that a search found, for asyncio. The same names as `SearchResult`, awaited."""

    _search: AsyncSearch

    def __init__(self, search: AsyncSearch) -> None:
        super().__init__()
        self._search = search

    async def __aiter__(self) -> AsyncIterator[Engagement]:
        if self._records is not None:
            for record in self._records:
                yield record
            return
        async for page in self.pages():
            for record in page.records:
                yield record
        self._complain()

    async def pages(self) -> AsyncIterator[SearchPage]:
        """Stream the pages, each with its records and what the service said about it."""
        self._begin()
        while (page := await self._search.next_page()) is not None:
            self.failures += page.failures
            yield page

    async def count(self) -> int:
        """Ask the service how many engagements match, on the service's own grid of ten minutes."""
        return await self._search.count()

    async def records(self) -> list[Engagement]:
        """All engagements, collected once."""
        if self._records is None:
            records: list[Engagement] = []
            try:
                async for page in self.pages():
                    records += page.records
            except LpchatIncompleteError:
                self._records = records
                raise
            self._records = records
            self._complain()
        return self._records

    async def table(self, name: str = "engagements", *, keep_placeholders: bool = False) -> EngagementTable:
        """A table by its name: `engagements`, `lines`, `surveys`, `sdes`, … `docs/tables.md` lists all and their columns."""
        return self._table(await self.records(), name, keep_placeholders)

    async def to_arrow(self, table: str = "engagements", *, keep_placeholders: bool = False) -> pyarrow.Table:
        """A table as a pyarrow table."""
        return _library("pyarrow").table(await self.table(table, keep_placeholders=keep_placeholders))

    async def to_pandas(self, table: str = "engagements", *, keep_placeholders: bool = False) -> pandas.DataFrame:
        """A table as a pandas data frame."""
        _library("pandas")
        frame: pandas.DataFrame = (await self.to_arrow(table, keep_placeholders=keep_placeholders)).to_pandas()
        return frame

    async def to_polars(self, table: str = "engagements", *, keep_placeholders: bool = False) -> polars.DataFrame:
        """A table as a polars data frame."""
        frame: polars.DataFrame = _library("polars").DataFrame(await self.table(table, keep_placeholders=keep_placeholders))
        return frame

    def __repr__(self) -> str:
        if self._records is not None:
            return f"AsyncSearchResult({len(self._records)} engagements)"
        return f"AsyncSearchResult({'being streamed' if self._streaming else 'not read yet'})"


_SHOWN_ROWS = 10


def _as_html(records: list[Engagement]) -> str:
    """A small table; every text is escaped, since chats hold what strangers typed."""
    import html

    names = ("engagement_id", "start_time", "duration_seconds", "skill_name", "agent_name", "visitor_name")
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = []
    for record in records[:_SHOWN_ROWS]:
        info = record.info
        values = (
            info.engagement_id,
            info.start_time and info.start_time.isoformat(sep=" ", timespec="seconds"),
            info.duration_seconds,
            info.skill_name,
            info.agent_nickname,
            info.visitor_name,
        )
        rows.append(
            "<tr>" + "".join(f"<td>{html.escape('' if value is None else str(value))}</td>" for value in values) + "</tr>"
        )
    more = (
        f"<p>{len(records)} engagements, the first {_SHOWN_ROWS} shown</p>"
        if len(records) > _SHOWN_ROWS
        else f"<p>{len(records)} engagements</p>"
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>{more}"
