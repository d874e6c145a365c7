"""A search with requests and the standard library's JSON."""

import sys
import time

import requests
from common import ACCOUNT, FILTER, ORIGIN, PAGE, RECORDS, SANDBOX, report, search_url

session = requests.Session()
login = {"username": SANDBOX["username"], "password": SANDBOX["password"]}
bearer = session.post(f"{ORIGIN}/api/account/{ACCOUNT}/login?v=1.3", json=login, headers={"Accept": "application/json"}).json()[
    "bearer"
]
session.headers["Authorization"] = f"Bearer {bearer}"


def records():
    for offset in range(0, RECORDS, PAGE):
        yield from session.post(search_url(offset), json=FILTER, headers={"Accept": "application/json"}).json()[
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
    import pandas

    table = pandas.json_normalize(list(records()), sep="_")
    return f"{len(table)}/{int(table['info_duration'].sum())}"


begun = time.perf_counter()
report(begun, 1, objects() if sys.argv[1] == "objects" else frame())
