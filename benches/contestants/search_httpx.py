"""A search with httpx and orjson."""

import sys
import time

import httpx
import orjson
from common import ACCOUNT, FILTER, ORIGIN, PAGE, RECORDS, SANDBOX, report, search_url

client = httpx.Client(timeout=60)
login = {"username": SANDBOX["username"], "password": SANDBOX["password"]}
bearer = client.post(f"{ORIGIN}/api/account/{ACCOUNT}/login?v=1.3", json=login, headers={"Accept": "application/json"}).json()[
    "bearer"
]
headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json", "Accept": "application/json"}
body = orjson.dumps(FILTER)


def records():
    for offset in range(0, RECORDS, PAGE):
        yield from orjson.loads(client.post(search_url(offset), content=body, headers=headers).content)[
            "interactionHistoryRecords"
        ]


def objects():
    texts = seen = 0
    for record in records():
        info = record["info"]
        fields = (
            info["engagementId"],
            info["startTimeL"],
            info["endTimeL"],
            info["duration"],
            info["skillName"],
            info["agentNickName"],
            info["visitorId"],
            info["endReason"],
        )
        seen += len([value for value in fields if value is not None])
        texts += sum(len(line.get("text") or "") for line in record["transcript"]["lines"])
    return f"{seen}/{texts}"


def frame():
    import polars

    rows = [
        {
            "engagement_id": info["engagementId"],
            "start_time": info["startTimeL"],
            "end_time": info["endTimeL"],
            "requested_time": info.get("chatRequestedTimeL"),
            "duration_seconds": info["duration"],
            "skill_name": info["skillName"],
            "agent_nickname": info["agentNickName"],
            "visitor_id": info["visitorId"],
            "line_count": len(record["transcript"]["lines"]),
        }
        for record in records()
        for info in (record["info"],)
    ]
    table = polars.DataFrame(rows)
    return f"{len(table)}/{table['duration_seconds'].sum()}"


begun = time.perf_counter()
report(begun, 1, objects() if sys.argv[1] == "objects" else frame())
