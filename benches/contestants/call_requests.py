"""One look-up after the other with requests."""

import requests
from common import ACCOUNT, CALLS, ORIGIN, Stopwatch

url = f"{ORIGIN}/api/account/{ACCOUNT}/service/agentVep/baseURI.json?version=1.0"
with requests.Session() as session:
    service = session.get(url).json()["service"]
    watch = Stopwatch()
    for _ in range(CALLS):
        service = session.get(url).json()["service"]
    watch.report(CALLS, service)
