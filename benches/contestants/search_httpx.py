"""A search with httpx and orjson: `search_httpx.py objects` or `search_httpx.py polars`."""

import sys

import httpx
import orjson
from common import FILTER, LOGIN, LOGIN_URL, PAGE, RECORDS, Stopwatch, objects, rows, search_url, summary

client = httpx.Client(timeout=60)
bearer = client.post(LOGIN_URL, json=LOGIN, headers={"Accept": "application/json"}).json()["bearer"]
client.headers.update({"Authorization": f"Bearer {bearer}", "Content-Type": "application/json", "Accept": "application/json"})
body = orjson.dumps(FILTER)


def records():
    for offset in range(0, RECORDS, PAGE):
        yield from orjson.loads(client.post(search_url(offset), content=body).content)["interactionHistoryRecords"]


def frame():
    return summary(polars.DataFrame(rows(records())), "duration_seconds")


if sys.argv[1] == "polars":
    import polars
watch = Stopwatch()
watch.report(1, objects(records()) if sys.argv[1] == "objects" else frame())
