"""One look-up after the other with lpchat."""

from common import CALLS, LINE, Stopwatch
from lpchat import Client

with Client(LINE) as client:
    service = client.retrieve_domain("agentVep").service
    watch = Stopwatch()
    for _ in range(CALLS):
        service = client.retrieve_domain("agentVep").service
    watch.report(CALLS, service)
