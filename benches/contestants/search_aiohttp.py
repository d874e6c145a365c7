"""A search with aiohttp.

`search_aiohttp.py objects` by orjson; tables by `orjson` → pyarrow, `polars`, or pyarrow's `ndjson`; `parquet` by orjson.
"""

import asyncio
import io
import sys
import tempfile
from functools import partial
from itertools import islice

import aiohttp
import orjson
from common import CONCURRENCY, HISTORY_HEADERS, Stopwatch, line_rows, objects, pages, read_back, rows, summary

what = sys.argv[1]
NUMBERS = ("startTimeL", "endTimeL", "chatRequestedTimeL", "duration")
TEXTS = ("engagementId", "skillName", "agentNickName", "visitorId")
# Without a schema both stumble over members that are a text in one record and an object in another.
if what == "polars":
    import polars

    info = polars.Struct({**dict.fromkeys(TEXTS, polars.String), **dict.fromkeys(NUMBERS, polars.Int64)})
    lines = polars.Struct({"lines": polars.List(polars.Struct({"text": polars.String}))})
    POLARS_PAGE = {"interactionHistoryRecords": polars.List(polars.Struct({"info": info, "transcript": lines}))}
elif what != "objects":
    import pyarrow
    import pyarrow.compute
    import pyarrow.json
    import pyarrow.parquet

    info = pyarrow.struct({**dict.fromkeys(TEXTS, pyarrow.string()), **dict.fromkeys(NUMBERS, pyarrow.int64())})
    lines = pyarrow.struct({"lines": pyarrow.list_(pyarrow.struct({"text": pyarrow.string()}))})
    schema = pyarrow.schema({"interactionHistoryRecords": pyarrow.list_(pyarrow.struct({"info": info, "transcript": lines}))})
    ARROW_PAGE = pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")


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


def table(body):
    """A page's records with the members of `info` as columns."""
    if what == "orjson":
        return pyarrow.Table.from_pylist(rows(orjson.loads(body)["interactionHistoryRecords"]))
    if what == "polars":
        page = polars.read_json(io.BytesIO(body), schema=POLARS_PAGE)
        records = page.explode("interactionHistoryRecords").unnest("interactionHistoryRecords")
        lines = records["transcript"].struct.field("lines").list.len().alias("line_count")
        return records.select(polars.col("info").struct.unnest(), lines)
    options = pyarrow.json.ReadOptions(block_size=1 << 26)
    page = pyarrow.json.read_json(io.BytesIO(body), read_options=options, parse_options=ARROW_PAGE)
    records = page["interactionHistoryRecords"].combine_chunks().flatten()
    lines = pyarrow.compute.list_value_length(records.field("transcript").field("lines"))
    return pyarrow.Table.from_struct_array(records.field("info")).append_column("line_count", lines)


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
    writers = {name: pyarrow.parquet.ParquetWriter(f"{folder.name}/{name}.parquet", schema) for name, schema in schemas.items()}
    async for body in bodies():
        records = orjson.loads(body)["interactionHistoryRecords"]
        for name, made in (("engagements", rows(records)), ("lines", line_rows(records))):
            writers[name].write_table(pyarrow.Table.from_pylist(made, schemas[name]))
    for writer in writers.values():
        writer.close()
    return partial(read_back, f"{folder.name}/engagements.parquet")


async def result():
    if what == "parquet":
        return await export()
    if what == "objects":
        parts = [objects(orjson.loads(body)["interactionHistoryRecords"]) async for body in bodies()]
        numbers = [tuple(map(int, part.split("/"))) for part in parts]
        return f"{sum(seen for seen, _ in numbers)}/{sum(texts for _, texts in numbers)}"
    tables = [table(body) async for body in bodies()]
    if what == "polars":
        return summary(polars.concat(tables)["duration"])
    whole = pyarrow.concat_tables(tables)
    return summary(whole["duration_seconds" if what == "orjson" else "duration"].to_numpy())


folder = tempfile.TemporaryDirectory()
watch = Stopwatch()
watch.report(1, asyncio.run(result()))
