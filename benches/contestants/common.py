"""What the Python contestants share: the sandbox, the clocks, and how a result is reported."""

import json
import os
import resource
import time
from collections import deque
from itertools import islice

LINE = os.environ["SANDBOX_LINE"]
SANDBOX = json.loads(LINE)
ORIGIN = SANDBOX["domain_origin"]
ACCOUNT = SANDBOX["account_id"]
CALLS = 2000
# Searches take so many records, which start so many milliseconds after one another, in pages of so many.
RECORDS, PAGE, CONCURRENCY = int(os.environ.get("RECORDS", "2000")), 100, 8
START, STEP = 1_777_593_600_000, 256_000
END = START + RECORDS * STEP
# As many milliseconds as one request of the service may span.
WINDOW = 27 * 24 * 3600 * 1000


def status_kib(name: str) -> int:
    """A size from what the system knows of this process; its `rusage` would count what the parent had before the start."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(f"{name}:"))


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Stopwatch:
    """Runs from its making on."""

    def __init__(self) -> None:
        self._kib = status_kib("VmRSS")
        self._cpu, self._main, self._wall = cpu(), time.thread_time(), time.perf_counter()

    def report(self, iterations: int, check: object) -> None:
        """Say what one iteration took, the most memory the process had, and what came out; that may have to be called for."""
        wall, used, main = time.perf_counter() - self._wall, cpu() - self._cpu, time.thread_time() - self._main
        figures = {"seconds": wall / iterations, "cpu": used / iterations, "main_thread": main / iterations}
        peak = status_kib("VmHWM")
        check = check() if callable(check) else check
        print(json.dumps({**figures, "check": check, "peak_kib": peak, "grown_kib": peak - self._kib}))


SEARCH = f"{ORIGIN}/interaction_history/api/account/{ACCOUNT}/interactions/search"
HISTORY_HEADERS = {"Authorization": "Bearer bearer", "Accept": "application/json", "Content-Type": "application/json"}


def pages() -> list[tuple[str, bytes]]:
    """The address and the body of each page's request, window by window."""
    found = []
    for start in range(START, END, WINDOW):
        end = min(start + WINDOW, END)
        body = json.dumps({"start": {"from": start, "to": end - 1}}).encode()
        count = -(-(end - START) // STEP) - -(-(start - START) // STEP)
        for offset in range(0, count, PAGE):
            query = f"offset={offset}&limit={PAGE}&sort=start:asc,engagementId:asc&source=bench"
            found.append((f"{SEARCH}?{query}", body))
    return found


def in_flight(pool, page):
    """What `page` gives of each request, in order, with so many of them in flight in the pool of threads."""
    wanted = iter(pages())
    flying = deque(pool.submit(page, request) for request in islice(wanted, CONCURRENCY))
    while flying:
        yield flying.popleft().result()
        flying.extend(pool.submit(page, request) for request in islice(wanted, 1))


def objects(records) -> str:
    """Read eight fields and the text of every line of each record, as JSON gives them."""
    texts = seen = 0
    for record in records:
        info = record["info"]
        fields = (
            info["engagementId"],
            info["startTimeL"],
            info["endTimeL"],
            info["duration"],
            info["skillName"],
            info["agentNickName"],
            info["visitorId"],
            info["endReason"],
        )
        seen += len([value for value in fields if value is not None])
        texts += sum(len(line.get("text") or "") for line in record["transcript"]["lines"])
    return f"{seen}/{texts}"


def engagements(records) -> str:
    """Read the same of records of lpchat."""
    texts = seen = 0
    for record in records:
        info = record.info
        fields = (
            info.engagement_id,
            info.start_time,
            info.end_time,
            info.duration_seconds,
            info.skill_name,
            info.agent_nickname,
            info.visitor_id,
            info.end_reason,
        )
        seen += len([value for value in fields if value is not None])
        texts += sum(len(line.text or "") for line in record.transcript.lines)
    return f"{seen}/{texts}"


def rows(records) -> list[dict]:
    """The columns that a peer takes out of each record for its data frame."""
    return [
        {
            "engagement_id": record["info"]["engagementId"],
            "start_time": record["info"]["startTimeL"],
            "end_time": record["info"]["endTimeL"],
            "requested_time": record["info"].get("chatRequestedTimeL"),
            "duration_seconds": record["info"]["duration"],
            "skill_name": record["info"]["skillName"],
            "agent_nickname": record["info"]["agentNickName"],
            "visitor_id": record["info"]["visitorId"],
            "line_count": len(record["transcript"]["lines"]),
        }
        for record in records
    ]


def line_rows(records) -> list[dict]:
    """The columns that a peer takes out of each line for the table of lines."""
    return [
        {
            "engagement_id": record["info"]["engagementId"],
            "time": line["timeL"],
            "source": line["source"],
            "by": line.get("by"),
            "text": line.get("text"),
        }
        for record in records
        for line in record["transcript"]["lines"]
    ]


def read_back(engagements: str):
    """What exports are compared by, read from the files of their table of engagements."""
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(engagements, columns=["engagement_id", "duration_seconds"])
    distinct = len(table["engagement_id"].unique())
    return f"{summary(table['duration_seconds'].to_numpy())}, {distinct} distinct"


def summary(durations) -> str:
    """What a table is compared by: its rows and the sum of a column."""
    return f"{len(durations)}/{int(durations.sum())}"
