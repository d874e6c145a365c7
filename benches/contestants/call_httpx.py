"""One look-up after the other with httpx."""

import httpx
from common import ACCOUNT, CALLS, ORIGIN, Stopwatch

url = f"{ORIGIN}/api/account/{ACCOUNT}/service/agentVep/baseURI.json?version=1.0"
with httpx.Client() as client:
    service = client.get(url).json()["service"]
    watch = Stopwatch()
    for _ in range(CALLS):
        service = client.get(url).json()["service"]
    watch.report(CALLS, service)
