"""The result of a history search: records one by one, pages, and tables."""

from __future__ import annotations

from itertools import islice

from lpchat import _native
from lpchat._errors import LpchatDecodeError, LpchatIncompleteError
from lpchat._tables import AsyncTables, Tables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import datetime

    import pandas
    import polars
    import pyarrow

    from lpchat import _progress
    from lpchat._native import (
        AsyncSearch,
        CollectedRecords,
        Engagement,
        EngagementTable,
        HistoryReport,
        RecordFailure,
        Search,
        SearchPage,
        TableCollector,
    )
    from lpchat._tables import TableName


def wrap(native: Search | AsyncSearch) -> SearchResult | AsyncSearchResult:
    """Wrap a search of the core; called by the extension module."""
    return SearchResult(native) if isinstance(native, _native.Search) else AsyncSearchResult(native)


def show_progress(result: _Collected, progress: bool) -> _Collected:
    """Let a result show how far it has come; called by the extension module."""
    result._progress = progress
    return result


class SearchInterrupted(KeyboardInterrupt):
    """Ctrl-C during a search.

    What had been read is in `result`, which goes on where it stands when it is asked again; and a search of another process
    goes on there with `resume_token`.
    """

    def __init__(self, result: SearchResult, resume_token: str | None) -> None:
        super().__init__(f"interrupted after {result._count} collected engagements; resume_token says where to go on")
        self.result = result
        self.resume_token = resume_token


class _Collected:
    """What both kinds of result share: the collected records and what is made of them."""

    _search: Search | AsyncSearch

    def __init__(self) -> None:
        # What was collected, by page: records take more than twice as much memory, and are made once somebody asks for them.
        self._collected: list[CollectedRecords] = []
        self._has_collected = False
        self._records: list[Engagement] | None = None
        self._streaming = False
        self._collecting = False
        self._progress = False
        self._shown: _progress.Bar | _progress.Line | None = None
        # How many records pages have given, and whether those of the last page have been handed on one by one only in part.
        self._given = 0
        self._within_page = False
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
        """Hand it to a later search as `resume_token=`: it goes on where this one stands, gaps included.

        Within a loop over the engagements it goes back to the beginning of the page under way.
        """
        token, report = self._search.resume_token, self._search.report
        # A page that came as its call was cancelled has not been given to anybody.
        whole = report.records + report.unreadable_records == self._given and not self._within_page
        return token if whole else self._search.resume_token_before_page

    @property
    def watermark(self) -> datetime | None:
        """Of `tail`: the `since` of the next pass, once everything was read."""
        return self._search.watermark

    @property
    def read_so_far(self) -> list[Engagement]:
        """What has been collected, also where that was interrupted or failed."""
        return self._decoded() if self._records is None else self._records

    @property
    def _count(self) -> int:
        return sum(map(len, self._collected))

    def _decoded(self) -> list[Engagement]:
        return [record for collected in self._collected for record in collected.records()]

    def _as_records(self) -> list[Engagement]:
        """Everything, once it is collected."""
        if self._records is None:
            self._records = self._decoded()
        return self._records

    def _collector(self, table: TableName, keep_placeholders: bool) -> TableCollector:
        """A table of what was collected before, to which the rest is added while it comes."""
        collector = _native.TableCollector(table, keep_placeholders=keep_placeholders)
        for collected in self._collected:
            collector.take_collected(collected)
        return collector

    def _begin(self) -> None:
        if self._streaming:
            raise RuntimeError(
                "This result is being streamed already, and a stream can be read once. Search again, or call `records()` "
                "or one of the `to_…` methods first: what they collect can be read any number of times."
            )
        self._streaming = True

    def _begin_collecting(self) -> None:
        # What was interrupted, or has failed, goes on.
        if not self._collecting:
            self._begin()
            self._collecting = True

    def _take(self, page: SearchPage) -> None:
        collected = _native.CollectedRecords(page)
        # In this order an interrupt between the two can only repeat the page, never lose it.
        if self._collecting:
            self._collected.append(collected)
        self._given += len(collected) + len(page.failures)
        self.failures += page.failures
        if self._shown is not None:
            self._shown.take(page)

    def _show(self) -> None:
        if self._progress and self._shown is None:
            from lpchat import _progress

            self._shown = _progress.start(self.report)

    def _end_show(self) -> None:
        if self._shown is not None:
            self._shown.end(self.report.is_finished)
            self._shown = None

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

    def __repr__(self) -> str:
        if self._has_collected:
            return f"{type(self).__name__}({self._count} engagements)"
        return f"{type(self).__name__}({'being streamed' if self._streaming else 'not read yet'})"

    def _repr_html_(self) -> str:
        import html

        if not self._has_collected:
            return f"<p>{html.escape(repr(self))}: iterate, or call <code>to_pandas()</code> or <code>to_polars()</code>.</p>"
        return _as_html(self._collected, self._count)


class SearchResult(_Collected, Tables):
    """The engagements that a search found.

    Iterating streams them once, page by page, and holds no more than a page; so does `iter_batches()`. `records()`, the tables
    (`lines`, `surveys`, …), `to_polars()`, `to_pandas()`, `to_arrow()` and the Arrow protocol collect everything once and may
    be called again.
    """

    _search: Search

    def __init__(self, search: Search) -> None:
        super().__init__()
        self._search = search

    def __iter__(self) -> Iterator[Engagement]:
        return iter(self._as_records()) if self._has_collected else self._stream()

    def _stream(self) -> Iterator[Engagement]:
        self._begin()
        for page in self._read():
            self._within_page = True
            yield from page.records
            self._within_page = False
        self._complain()

    def pages(self) -> Iterator[SearchPage]:
        """Stream the pages, each with its records and what the service said about it."""
        self._begin()
        yield from self._read()

    def _read(self) -> Iterator[SearchPage]:
        self._show()
        try:
            while (page := self._search.next_page()) is not None:
                self._take(page)
                yield page
        except KeyboardInterrupt:
            raise SearchInterrupted(self, self.resume_token) from None
        finally:
            self._end_show()

    def iter_batches(self, table: TableName = "engagements", *, keep_placeholders: bool = False) -> Iterator[EngagementTable]:
        """Stream a table, one batch for each page; no more than a page is held.

        Each batch has the Arrow protocol. Records that cannot be read are raised at the end.
        """
        self._begin()
        for page in self._read():
            yield _native.EngagementTable(page, table, keep_placeholders=keep_placeholders)
        self._complain()

    def count(self) -> int:
        """Ask the service how many engagements match, on the service's own grid of ten minutes."""
        return self._search.count()

    def records(self) -> list[Engagement]:
        """All engagements, collected once.

        Where some are missing this raises, and gives what there is when called again. After an interrupt or another error
        calling again goes on where it stood.
        """
        self._collect()
        return self._as_records()

    def _collect(self, collector: TableCollector | None = None) -> None:
        if self._has_collected:
            return
        self._begin_collecting()
        try:
            for page in self._read():
                if collector is not None:
                    collector.take(page)
        except LpchatIncompleteError:
            # What there is stays: whoever asks again gets it, and the report says what is missing.
            self._has_collected = True
            raise
        self._has_collected = True
        self._complain()

    def table(self, name: TableName = "engagements", *, keep_placeholders: bool = False) -> EngagementTable:
        """A table by its name; each is an attribute, too. `docs/tables.md` lists all and their columns.

        * `keep_placeholders`: keep `NA`, −1 and empty texts as the service sent them instead of making them null.
        """
        collector = self._collector(name, keep_placeholders)
        self._collect(collector)
        return collector.finish()

    def to_arrow(self, table: TableName = "engagements", *, keep_placeholders: bool = False) -> pyarrow.Table:
        """A table as a pyarrow table."""
        _need("pyarrow")
        return self.table(table, keep_placeholders=keep_placeholders).to_arrow()

    def to_pandas(self, table: TableName = "engagements", *, keep_placeholders: bool = False) -> pandas.DataFrame:
        """A table as a pandas data frame."""
        _need("pandas", "pyarrow")
        return self.table(table, keep_placeholders=keep_placeholders).to_pandas()

    def to_polars(self, table: TableName = "engagements", *, keep_placeholders: bool = False) -> polars.DataFrame:
        """A table as a polars data frame."""
        _need("polars")
        return self.table(table, keep_placeholders=keep_placeholders).to_polars()

    def __arrow_c_schema__(self) -> object:
        return _native.EngagementTable([]).__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table().__arrow_c_stream__(requested_schema)


class AsyncSearchResult(_Collected, AsyncTables):
    """The engagements that a search found, for asyncio. The same names as `SearchResult`, awaited."""

    _search: AsyncSearch

    def __init__(self, search: AsyncSearch) -> None:
        super().__init__()
        self._search = search

    async def __aiter__(self) -> AsyncIterator[Engagement]:
        if self._has_collected:
            for record in self._as_records():
                yield record
            return
        self._begin()
        async for page in self._read():
            self._within_page = True
            for record in page.records:
                yield record
            self._within_page = False
        self._complain()

    async def pages(self) -> AsyncIterator[SearchPage]:
        """Stream the pages, each with its records and what the service said about it."""
        self._begin()
        async for page in self._read():
            yield page

    async def _read(self) -> AsyncIterator[SearchPage]:
        self._show()
        try:
            while (page := await self._search.next_page()) is not None:
                self._take(page)
                yield page
        finally:
            self._end_show()

    async def iter_batches(
        self, table: TableName = "engagements", *, keep_placeholders: bool = False
    ) -> AsyncIterator[EngagementTable]:
        """Stream a table, one batch for each page; no more than a page is held."""
        self._begin()
        async for page in self._read():
            yield _native.EngagementTable(page, table, keep_placeholders=keep_placeholders)
        self._complain()

    async def count(self) -> int:
        """Ask the service how many engagements match, on the service's own grid of ten minutes."""
        return await self._search.count()

    async def records(self) -> list[Engagement]:
        """All engagements, collected once. After a cancellation or an error calling again goes on where it stood."""
        await self._collect()
        return self._as_records()

    async def _collect(self, collector: TableCollector | None = None) -> None:
        if self._has_collected:
            return
        self._begin_collecting()
        try:
            async for page in self._read():
                if collector is not None:
                    collector.take(page)
        except LpchatIncompleteError:
            self._has_collected = True
            raise
        self._has_collected = True
        self._complain()

    async def table(self, name: TableName = "engagements", *, keep_placeholders: bool = False) -> EngagementTable:
        """A table by its name; each is an attribute, too. `docs/tables.md` lists all and their columns."""
        collector = self._collector(name, keep_placeholders)
        await self._collect(collector)
        return collector.finish()

    async def to_arrow(self, table: TableName = "engagements", *, keep_placeholders: bool = False) -> pyarrow.Table:
        """A table as a pyarrow table."""
        _need("pyarrow")
        return (await self.table(table, keep_placeholders=keep_placeholders)).to_arrow()

    async def to_pandas(self, table: TableName = "engagements", *, keep_placeholders: bool = False) -> pandas.DataFrame:
        """A table as a pandas data frame."""
        _need("pandas", "pyarrow")
        return (await self.table(table, keep_placeholders=keep_placeholders)).to_pandas()

    async def to_polars(self, table: TableName = "engagements", *, keep_placeholders: bool = False) -> polars.DataFrame:
        """A table as a polars data frame."""
        _need("polars")
        return (await self.table(table, keep_placeholders=keep_placeholders)).to_polars()


def _need(*packages: str) -> None:
    """Fail where a package is missing, before anything is read: a search takes long."""
    from lpchat import _frames

    for package in packages:
        _frames.library(package)


def _as_html(collected: list[CollectedRecords], count: int) -> str:
    from lpchat import _frames

    names = ("engagement_id", "start_time", "duration_seconds", "skill_name", "agent_name", "visitor_name")

    def row(record: Engagement) -> tuple[object, ...]:
        info = record.info
        start = info.start_time and info.start_time.isoformat(sep=" ", timespec="seconds")
        return (info.engagement_id, start, info.duration_seconds, info.skill_name, info.agent_nickname, info.visitor_name)

    rows = islice((row(record) for page in collected for record in page.records()), _frames.SHOWN_ROWS)
    return _frames.to_html(names, rows, count, "engagements")
