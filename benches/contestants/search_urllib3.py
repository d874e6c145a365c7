"""A search with urllib3 and msgspec, which decodes into typed objects."""

from concurrent.futures import ThreadPoolExecutor

import urllib3
from common import CONCURRENCY, HISTORY_HEADERS, Stopwatch, in_flight
from typed import decoder, objects

pool = urllib3.PoolManager(maxsize=CONCURRENCY, headers=HISTORY_HEADERS)


def page(request):
    url, body = request
    return decoder.decode(pool.request("POST", url, body=body).data).interactionHistoryRecords


watch = Stopwatch()
with ThreadPoolExecutor(CONCURRENCY) as threads:
    check = objects(in_flight(threads, page))
watch.report(1, check)
