"""A page's records as a table of a few columns, as a peer makes it: by `orjson` → pyarrow, `polars`, or pyarrow's `ndjson`."""

import io
import sys

from common import rows, summary

what = sys.argv[1]
NUMBERS = ("startTimeL", "endTimeL", "chatRequestedTimeL", "duration")
TEXTS = ("engagementId", "skillName", "agentNickName", "visitorId")
# Without a schema both stumble over members that are a text in one record and an object in another.
if what == "polars":
    import polars

    info = polars.Struct({**dict.fromkeys(TEXTS, polars.String), **dict.fromkeys(NUMBERS, polars.Int64)})
    lines = polars.Struct({"lines": polars.List(polars.Struct({"text": polars.String}))})
    POLARS_PAGE = {"interactionHistoryRecords": polars.List(polars.Struct({"info": info, "transcript": lines}))}
elif what in ("orjson", "ndjson"):
    import pyarrow
    import pyarrow.compute
    import pyarrow.json

    info = pyarrow.struct({**dict.fromkeys(TEXTS, pyarrow.string()), **dict.fromkeys(NUMBERS, pyarrow.int64())})
    lines = pyarrow.struct({"lines": pyarrow.list_(pyarrow.struct({"text": pyarrow.string()}))})
    schema = pyarrow.schema({"interactionHistoryRecords": pyarrow.list_(pyarrow.struct({"info": info, "transcript": lines}))})
    ARROW_PAGE = pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
if what == "orjson":
    import orjson


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


def summary_of(tables) -> str:
    """What the tables of all pages are compared by."""
    if what == "polars":
        return summary(polars.concat(tables)["duration"])
    whole = pyarrow.concat_tables(tables)
    return summary(whole["duration_seconds" if what == "orjson" else "duration"].to_numpy())
