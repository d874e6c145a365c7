"""Engagement history as a data source of Spark 4: the tables of `docs/tables.md`, read by several workers.

```python
from lpchat.spark import LpchatDataSource

spark.dataSource.register(LpchatDataSource)
lines = spark.read.format("lpchat").option("table", "lines").option("start", "2026-01-01").option("end", "2026-02-01").load()
```

`docs/spark.md` has the options and what to know of secrets, rates and incomplete reads.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lpchat import Client, EngagementTable, SearchResult
from lpchat._parameters import CLIENT_OPTIONS, SEARCH_PARAMETERS

try:
    import pyarrow
    from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
    from pyspark.sql.pandas.types import from_arrow_schema
except ImportError as error:
    raise ImportError(
        "lpchat.spark needs PySpark 4 and pyarrow, here and on every worker: `pip install 'lpchat[spark]'`."
    ) from error

if TYPE_CHECKING:
    from pyspark.sql.types import StructType

    from lpchat._tables import TableName

__all__ = ["LpchatDataSource"]

_log = logging.getLogger("lpchat")

DEFAULT_CONCURRENCY = 2

# What this data source takes beside the parameters of a search and the options of a client.
_OWN_OPTIONS = ("table", "keep_placeholders", "concurrency", "reports")

# What means nothing, or something else, where several workers read a part each.
_UNFIT_OPTIONS = {
    "limit": "each worker would count for itself: use `.limit(n)` of the data frame",
    "offset": "each worker would count for itself: narrow `start` and `end` instead",
    "sort": "rows of several workers have no common order: use `.orderBy(…)` of the data frame",
    "look_back": "it belongs to `history.tail`: move `start` instead",
    "redact": "its key is a secret, and options show in plans and logs: export with `redact`, and read the files",
    "history_concurrency": "`concurrency` says how many requests all workers together have in flight",
    "resume_token": "Spark reads a partition that failed again by itself: read the range that is missing with `start` and `end`",
}


class LpchatDataSource(DataSource):
    """The format `lpchat`: `spark.dataSource.register(LpchatDataSource)`, then `spark.read.format("lpchat")`."""

    def __init__(self, options: Mapping[str, str]) -> None:
        super().__init__(options)
        self._request = _Request.of_options(options)

    @classmethod
    def name(cls) -> str:
        """The format's name."""
        return "lpchat"

    def schema(self) -> StructType:
        """The columns of the table, as the core states them."""
        return from_arrow_schema(self._request.schema())

    def reader(self, schema: StructType) -> _Reader:
        """What plans the read and, on the workers, does it."""
        if schema != self.schema():
            raise ValueError("The columns of a table are given: leave `.schema(…)` out, and use `.select(…)` of the data frame.")
        return _Reader(self._request)


@dataclass(frozen=True)
class _Window:
    """The range of one search."""

    start: datetime
    end: datetime
    skill_id: str | None
    count: int


class _Partition(InputPartition):
    """The windows that one task reads, one after another."""

    def __init__(self, number: int, windows: list[_Window]) -> None:
        super().__init__(number)
        self.windows = windows


class _Reader(DataSourceReader):
    def __init__(self, request: _Request) -> None:
        self._request = request

    def partitions(self) -> Sequence[InputPartition]:
        with self._request.client() as client:
            plan = client.history.plan(**self._request.query)
        windows = [_Window(window.start, window.end, window.skill_id, window.count or 0) for window in plan]
        return [_Partition(number, part) for number, part in enumerate(_shared(windows, self._request.concurrency))]

    def read(self, partition: InputPartition) -> Iterator[pyarrow.RecordBatch]:
        # Where the plan has no windows Spark makes a partition of its own.
        if not isinstance(partition, _Partition):
            return
        results: list[SearchResult] = []
        try:
            with self._request.client() as client:
                for window in partition.windows:
                    results.append(client.history.search(**self._request.query_of(window)))
                    yield from self._request.batches(results[-1])
        finally:
            # Also where the read fails: the report then names what is missing.
            self._request.write_reports(partition.value, results)


@dataclass(frozen=True)
class _Request:
    """What a read was asked for. Travels to the workers, and holds no secret but those of a sandbox."""

    table: TableName
    query: dict[str, Any]
    client_options: dict[str, Any]
    keep_placeholders: bool
    concurrency: int
    reports: str | None

    @classmethod
    def of_options(cls, options: Mapping[str, str]) -> _Request:
        for name in options:
            _check_name(name)
        concurrency = _integer("concurrency", options.get("concurrency", str(DEFAULT_CONCURRENCY)))
        if concurrency < 1:
            raise ValueError(f"The option `concurrency` is {concurrency}: it must be at least 1.")
        request = cls(
            # The core refuses what is none.
            table=cast("TableName", options.get("table", "engagements")),
            query=_values(SEARCH_PARAMETERS, options),
            client_options=_values(CLIENT_OPTIONS, options),
            keep_placeholders=_boolean("keep_placeholders", options.get("keep_placeholders", "false")),
            concurrency=concurrency,
            reports=options.get("reports"),
        )
        # What is wrong with the table or the query shows here and not on a worker.
        request.schema()
        with request.client() as client:
            client.history.search(**request.query)
        return request

    def schema(self) -> pyarrow.Schema:
        core = pyarrow.schema(EngagementTable([], self.table, keep_placeholders=self.keep_placeholders))
        return pyarrow.schema([field.with_type(_type_for_spark(field.type)) for field in core])

    def client(self) -> Client:
        # The rate is the account's: each of at most `concurrency` workers has one request in flight.
        return Client(**self.client_options, history_concurrency=1)

    def query_of(self, window: _Window) -> dict[str, Any]:
        skill = {} if window.skill_id is None else {"skill_ids": [window.skill_id]}
        return {**self.query, "start": window.start, "end": window.end, **skill}

    def batches(self, result: SearchResult) -> Iterator[pyarrow.RecordBatch]:
        """The table, page by page: no more than a page is held."""
        schema = self.schema()
        for table in result.iter_batches(self.table, keep_placeholders=self.keep_placeholders):
            yield from pyarrow.table(table).cast(schema).to_batches()
        if not result.report.is_complete:
            _log.warning("This read is incomplete, as `allow_incomplete` permits.\n%s", result.report.summary)

    def write_reports(self, partition: int, results: list[SearchResult]) -> None:
        if self.reports is None:
            return
        folder = Path(self.reports)
        folder.mkdir(parents=True, exist_ok=True)
        reports = [json.loads(result.report_json) for result in results]
        (folder / f"part-{partition:05}.json").write_text(json.dumps(reports, indent=2), encoding="utf-8")


def _shared(windows: list[_Window], parts: int) -> list[list[_Window]]:
    """The windows in at most so many parts of about the same number of records, in order."""
    total = sum(window.count for window in windows) or 1
    shared: dict[int, list[_Window]] = {}
    before = 0
    for window in windows:
        # By the middle of the window, so that a large one at the end does not join what is full already.
        part = min(parts - 1, (2 * before + window.count) * parts // (2 * total))
        shared.setdefault(part, []).append(window)
        before += window.count
    return list(shared.values())


def _type_for_spark(kind: pyarrow.DataType) -> pyarrow.DataType:
    """Spark's instants have microseconds; all else is as it is."""
    return pyarrow.timestamp("us", kind.tz) if pyarrow.types.is_timestamp(kind) else kind


def _check_name(name: str) -> None:
    if name in _UNFIT_OPTIONS:
        raise ValueError(f"The option `{name}` does not fit Spark: {_UNFIT_OPTIONS[name]}.")
    if CLIENT_OPTIONS.get(name) in ("secret", "record"):
        raise ValueError(
            f"The option `{name}` is refused, for options show in plans and logs: give secrets by variables such as "
            "LPCHAT_CLIENT_SECRET, in the environment of the driver and of every worker."
        )
    if name not in _OWN_OPTIONS and name not in SEARCH_PARAMETERS and name not in CLIENT_OPTIONS:
        known = [*_OWN_OPTIONS, *(parameter for parameter in SEARCH_PARAMETERS if parameter not in _UNFIT_OPTIONS)]
        raise ValueError(f"There is no option `{name}`; there are {', '.join(known)}, and those of `Client` that are no secrets.")


def _values(kinds: Mapping[str, str], options: Mapping[str, str]) -> dict[str, Any]:
    return {name: _value(name, kinds[name], text) for name, text in options.items() if name in kinds}


def _value(name: str, kind: str, text: str) -> Any:
    """An option's text as what the search or the client takes."""
    if kind == "text":
        return text
    if kind in _SCALARS:
        return _SCALARS[kind](name, text)
    if kind == "map":
        return _json(name, text, dict, "a JSON object")
    items = _items(name, text)
    return items if kind == "texts" else [_SCALARS[kind.removesuffix("s")](name, item) for item in items]


def _items(name: str, text: str) -> list[str]:
    """A list: a JSON array, or texts with commas between them."""
    if not text.lstrip().startswith("["):
        return [item.strip() for item in text.split(",") if item.strip()]
    items = _json(name, text, list, "a JSON array, or texts with commas between them")
    return [item if isinstance(item, str) else json.dumps(item) for item in items]


def _json(name: str, text: str, kind: type, wanted: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, kind):
        raise ValueError(f"The option `{name}` is {text!r}: it must be {wanted}.")
    return value


def _boolean(name: str, text: str) -> bool:
    value = {"true": True, "false": False}.get(text.strip().lower())
    if value is None:
        raise ValueError(f"The option `{name}` is {text!r}: it must be true or false.")
    return value


def _integer(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"The option `{name}` is {text!r}: it must be a whole number.") from None


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"The option `{name}` is {text!r}: it must be a number.") from None


_SCALARS = {"boolean": _boolean, "integer": _integer, "number": _number}
