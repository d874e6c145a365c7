"""A search with aiohttp.

`search_aiohttp.py objects` by orjson; tables by `orjson` → pyarrow, `polars`, or pyarrow's `ndjson`; `parquet` by orjson.
"""

import asyncio
import sys
import tempfile
from functools import partial
from itertools import islice

import aiohttp
import orjson
from common import CONCURRENCY, HISTORY_HEADERS, Stopwatch, line_rows, objects, pages, read_back, rows

what = sys.argv[1]
if what == "parquet":
    import pyarrow
    import pyarrow.parquet
elif what != "objects":
    from peer_tables import summary_of, table


async def bodies():
    """The pages' bodies in order, so many of them in flight."""
    connector = aiohttp.TCPConnector(limit=CONCURRENCY)
    async with aiohttp.ClientSession(connector=connector, headers=HISTORY_HEADERS) as session:

        async def body(request):
            async with session.post(request[0], data=request[1]) as response:
                return await response.read()

        wanted = iter(pages())
        flying = [asyncio.create_task(body(request)) for request in islice(wanted, CONCURRENCY)]
        while flying:
            yield await flying.pop(0)
            flying += [asyncio.create_task(body(request)) for request in islice(wanted, 1)]


async def export():
    """Both tables page by page into a file each."""
    schemas = {
        "engagements": pyarrow.schema(
            [
                ("engagement_id", pyarrow.string()),
                ("start_time", pyarrow.int64()),
                ("end_time", pyarrow.int64()),
                ("requested_time", pyarrow.int64()),
                ("duration_seconds", pyarrow.int64()),
                ("skill_name", pyarrow.string()),
                ("agent_nickname", pyarrow.string()),
                ("visitor_id", pyarrow.string()),
                ("line_count", pyarrow.int64()),
            ]
        ),
        "lines": pyarrow.schema(
            {**dict.fromkeys(("engagement_id", "source", "by", "text"), pyarrow.string()), "time": pyarrow.int64()}
        ),
    }
    writers = {name: pyarrow.parquet.ParquetWriter(f"{folder}/{name}.parquet", schema) for name, schema in schemas.items()}
    async for body in bodies():
        records = orjson.loads(body)["interactionHistoryRecords"]
        for name, made in (("engagements", rows(records)), ("lines", line_rows(records))):
            writers[name].write_table(pyarrow.Table.from_pylist(made, schemas[name]))
    for writer in writers.values():
        writer.close()
    return partial(read_back, f"{folder}/engagements.parquet")


async def result():
    if what == "parquet":
        return await export()
    if what == "objects":
        parts = [objects(orjson.loads(body)["interactionHistoryRecords"]) async for body in bodies()]
        numbers = [tuple(map(int, part.split("/"))) for part in parts]
        return f"{sum(seen for seen, _ in numbers)}/{sum(texts for _, texts in numbers)}"
    tables = [table(body) async for body in bodies()]
    return summary_of(tables)


folder = tempfile.mkdtemp()
watch = Stopwatch()
watch.report(1, asyncio.run(result()))
