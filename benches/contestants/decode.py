"""Decoding alone, of pages that lie in memory.

`decode.py json|orjson|msgspec|lpchat FILE` into objects; `decode.py orjson|polars|ndjson|lpchat FILE table` into a table.
"""

import sys
from pathlib import Path

from common import PAGE, Stopwatch, engagements, objects, summary

what, file, *into_table = sys.argv[1:]
ROUNDS = 5
records = Path(file).read_text().splitlines()
chunks = [records[at : at + PAGE] for at in range(0, len(records), PAGE)]
texts = [f'{{"_metadata":{{"count":{len(chunk)}}},"interactionHistoryRecords":[{",".join(chunk)}]}}' for chunk in chunks]
pages = [text.encode() for text in texts]


def by_lpchat():
    import lpchat

    history = lpchat.Client(account_id="70481526").history
    found = (history.decode_page(text) for text in texts)
    if not into_table:
        return engagements(record for page in found for record in page.records)
    import pyarrow

    tables = [pyarrow.table(lpchat.EngagementTable(page)) for page in found]
    return summary(pyarrow.concat_tables(tables)["duration_seconds"].to_numpy())


def by_peer():
    if into_table:
        from peer_tables import summary_of, table

        return summary_of([table(page) for page in pages])
    if what == "msgspec":
        import typed

        return typed.objects(typed.decoder.decode(page).interactionHistoryRecords for page in pages)
    import json

    import orjson

    decode = json.loads if what == "json" else orjson.loads
    return objects(record for page in pages for record in decode(page)["interactionHistoryRecords"])


decode = by_lpchat if what == "lpchat" else by_peer
check = decode()
watch = Stopwatch()
for _ in range(ROUNDS):
    check = decode()
watch.report(ROUNDS * len(pages), check)
