"""One look-up after the other with lpchat."""

import time

from common import CALLS, LINE, report
from lpchat import Client

with Client(LINE) as client:
    service = client.retrieve_domain("agentVep").service
    begun = time.perf_counter()
    for _ in range(CALLS):
        service = client.retrieve_domain("agentVep").service
    report(begun, CALLS, service)
