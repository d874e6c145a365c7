"""How far a search has come, shown on standard error."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from lpchat._native import HistoryReport, SearchPage

_WIDE_ENOUGH = 79
# Where lines cannot be written over, as in a log file, one now and then is enough.
_SECONDS_BETWEEN_LINES = 10.0
_BAR = "{desc}: {percentage:3.0f}%|{bar}| {postfix} [{elapsed}<{remaining}]"
_NO_BAR = "{desc}: {postfix} [{elapsed}]"


def start(report: HistoryReport) -> Bar | Line:
    """Progress of a search that has this report: a bar of tqdm where that is installed, else a line."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return Line(report)
    return Bar(report, tqdm)


class _Range:
    """How much of a search's range has been read, as records come by their start."""

    def __init__(self, report: HistoryReport) -> None:
        self._start, self._end = report.start, report.end
        self._reached: datetime | None = None
        self.records = 0

    def take(self, page: SearchPage) -> None:
        self.records += len(page.records) + len(page.failures)
        starts = [record.start_time for record in page.records if record.start_time is not None]
        self._reached = max(starts, default=self._reached) or self._reached

    def percent(self) -> float | None:
        """`None` where there is no range, as of a search by id."""
        if self._start is None or self._end is None:
            return None
        if self._reached is None:
            return 0.0
        return max(0.0, min(100.0, 100.0 * ((self._reached - self._start) / (self._end - self._start))))

    def __str__(self) -> str:
        return f"{self.records:,} engagements"


class Bar:
    """A bar of tqdm; in a notebook it is one of the notebook's."""

    def __init__(self, report: HistoryReport, tqdm: Any) -> None:
        self._range = _Range(report)
        total = 100.0 if self._range.percent() is not None else None
        self._bar = tqdm(total=total, desc="lpchat", bar_format=_BAR if total else _NO_BAR)

    def take(self, page: SearchPage) -> None:
        self._range.take(page)
        self._bar.set_postfix_str(str(self._range), refresh=False)
        self._bar.update((self._range.percent() or self._bar.n) - self._bar.n)

    def end(self, complete: bool) -> None:
        if complete and self._bar.total is not None:
            self._bar.update(self._bar.total - self._bar.n)
        self._bar.close()


class Line:
    """A line that is written over at a terminal, and repeated now and then elsewhere."""

    def __init__(self, report: HistoryReport) -> None:
        import sys
        import time

        self._range = _Range(report)
        self._stream, self._clock = sys.stderr, time.monotonic
        self._terminal = self._stream is not None and self._stream.isatty()
        self._begun = self._clock()
        self._shown = self._begun

    def take(self, page: SearchPage) -> None:
        self._range.take(page)
        now = self._clock()
        if self._terminal or now - self._shown >= _SECONDS_BETWEEN_LINES:
            self._shown = now
            self._write("" if self._terminal else "\n")

    def end(self, complete: bool) -> None:
        self._write(", done\n" if complete else ", not finished\n")

    def _write(self, end: str) -> None:
        if self._stream is None:
            return
        percent = self._range.percent()
        share = "" if percent is None or end.startswith(", done") else f"{percent:.0f}% of the range, "
        text = f"lpchat: {share}{self._range}, {self._clock() - self._begun:.0f} s"
        self._stream.write(f"\r{text:<{_WIDE_ENOUGH}}{end}" if self._terminal else f"{text}{end}")
        self._stream.flush()
