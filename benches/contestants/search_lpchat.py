"""A search with lpchat: `search_lpchat.py objects`, `polars`, `pandas`, `batches` or `parquet`."""

import sys
import tempfile
from datetime import datetime, timezone
from functools import partial

from common import END, LINE, PAGE, START, STEP, Stopwatch, engagements, read_back, summary
from lpchat import Client


def instant(milliseconds):
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)


def search():
    return client.history.search(start=instant(START), end=instant(END), page_size=PAGE)


def objects():
    return engagements(search())


def frame():
    """The whole table `engagements`, with several times the columns of the peers' frames."""
    if sys.argv[1] == "batches":
        table = polars.concat([polars.DataFrame(batch) for batch in search().iter_batches()])
    else:
        table = search().to_polars() if sys.argv[1] == "polars" else search().to_pandas()
    return summary(table["duration_seconds"])


def export():
    """All tables, a file a day."""
    client.history.export(folder, start=instant(START), end=instant(END))
    return partial(read_back, f"{folder}/engagements")


# What the peers have done before their clocks run: the library of the frame is imported, the token is there.
match sys.argv[1]:
    case "polars" | "batches":
        import polars
    case "pandas":
        import pandas  # noqa: F401
        import pyarrow  # noqa: F401
folder = tempfile.mkdtemp()
# Where pages fail, what repeating them costs is measured, and not how long one waits before.
client = Client(LINE, server_error_pauses=[0, 0, 0])
client.history.count(start=instant(START), end=instant(START + STEP))
made = {"objects": objects, "parquet": export}.get(sys.argv[1], frame)
watch = Stopwatch()
watch.report(1, made())
client.close()
