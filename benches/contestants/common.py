"""What the Python contestants share: the sandbox, the clock, and how a result is reported."""

import json
import os
import resource
import time

LINE = os.environ["SANDBOX_LINE"]
SANDBOX = json.loads(LINE)
ORIGIN = SANDBOX["domain_origin"]
ACCOUNT = SANDBOX["account_id"]
CALLS = 2000
# 31 days before the sandbox's today.
START, END = 1777593600000, 1780272000000
RECORDS, PAGE = 1000, 100


def report(begun: float, iterations: int, check: object) -> None:
    seconds = (time.perf_counter() - begun) / iterations
    print(json.dumps({"seconds": seconds, "check": check, "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


def search_url(offset: int) -> str:
    query = f"offset={offset}&limit={PAGE}&sort=start:asc,engagementId:asc&source=bench"
    return f"{ORIGIN}/interaction_history/api/account/{ACCOUNT}/interactions/search?{query}"


FILTER = {"start": {"from": START, "to": END}}


def summary(fields: object, texts: int) -> str:
    return f"{fields}/{texts}"
