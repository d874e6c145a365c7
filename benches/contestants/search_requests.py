"""A search with requests and the standard library's JSON: `search_requests.py objects`, `pandas` or `normalize`."""

import sys

import requests
from common import FILTER, LOGIN, LOGIN_URL, PAGE, RECORDS, Stopwatch, objects, rows, search_url, summary

session = requests.Session()
bearer = session.post(LOGIN_URL, json=LOGIN, headers={"Accept": "application/json"}).json()["bearer"]
session.headers.update({"Authorization": f"Bearer {bearer}", "Accept": "application/json"})


def records():
    for offset in range(0, RECORDS, PAGE):
        yield from session.post(search_url(offset), json=FILTER).json()["interactionHistoryRecords"]


def frame():
    """`json_normalize` is what most would write first; rows of chosen columns are what they write when it is too slow."""
    if sys.argv[1] == "normalize":
        return summary(pandas.json_normalize(list(records()), sep="_"), "info_duration")
    return summary(pandas.DataFrame(rows(records())), "duration_seconds")


if sys.argv[1] != "objects":
    import pandas
watch = Stopwatch()
watch.report(1, objects(records()) if sys.argv[1] == "objects" else frame())
