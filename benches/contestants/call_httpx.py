"""One look-up after the other with httpx."""

import time

import httpx
from common import ACCOUNT, CALLS, ORIGIN, report

url = f"{ORIGIN}/api/account/{ACCOUNT}/service/agentVep/baseURI.json?version=1.0"
with httpx.Client() as client:
    service = client.get(url).json()["service"]
    begun = time.perf_counter()
    for _ in range(CALLS):
        service = client.get(url).json()["service"]
    report(begun, CALLS, service)
