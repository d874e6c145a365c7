"""A search with requests and the standard library's JSON: `search_requests.py objects`, `pandas`, `normalize` or `parquet`."""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import requests
from common import CONCURRENCY, HISTORY_HEADERS, Stopwatch, in_flight, line_rows, objects, read_back, rows, summary
from requests.adapters import HTTPAdapter

session = requests.Session()
session.headers.update(HISTORY_HEADERS)
session.mount("http://", HTTPAdapter(pool_maxsize=CONCURRENCY))


def page(request):
    url, body = request
    return session.post(url, data=body).json()["interactionHistoryRecords"]


def records():
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        for found in in_flight(pool, page):
            yield from found


def frame():
    """`json_normalize` is what most would write first; rows of chosen columns are what they write when it is too slow."""
    if sys.argv[1] == "normalize":
        return summary(pandas.json_normalize(list(records()), sep="_")["info_duration"])
    found = list(records()) if sys.argv[1] == "parquet" else records()
    engagements = pandas.DataFrame(rows(found))
    if sys.argv[1] == "parquet":
        engagements.to_parquet(f"{folder}/engagements.parquet")
        pandas.DataFrame(line_rows(found)).to_parquet(f"{folder}/lines.parquet")
        return partial(read_back, f"{folder}/engagements.parquet")
    return summary(engagements["duration_seconds"])


if sys.argv[1] != "objects":
    import pandas
folder = tempfile.mkdtemp()
watch = Stopwatch()
watch.report(1, objects(records()) if sys.argv[1] == "objects" else frame())
