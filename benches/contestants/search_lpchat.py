"""A search with lpchat."""

import sys
import time
from datetime import datetime, timezone

from common import END, LINE, PAGE, RECORDS, START, report
from lpchat import Client

# The token is fetched before the clock runs, like the peers' login.
client = Client(LINE)
client.history.count(start="2026-05-31", end="2026-06-01")
instant = lambda millis: datetime.fromtimestamp(millis / 1000, timezone.utc)  # noqa: E731
search = lambda: client.history.search(start=instant(START), end=instant(END), page_size=PAGE, limit=RECORDS)  # noqa: E731


def objects():
    texts = seen = 0
    for record in search():
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


def frame():
    table = search().to_polars()
    return f"{len(table)}/{table['duration_seconds'].sum()}"


begun = time.perf_counter()
report(begun, 1, objects() if sys.argv[1] == "objects" else frame())
client.close()
