"""What a client costs that does nothing: `idle_python.py bare`, `lpchat` or `httpx`."""

import os
import sys
import time

from common import LINE, ORIGIN, status_kib


def state(when):
    print(when, len(os.listdir("/proc/self/task")), status_kib("VmRSS"))


what = sys.argv[1]
state("started")
if what == "lpchat":
    from lpchat import Client
elif what == "httpx":
    from httpx import Client
state("imported")
clients = [Client(LINE) if what == "lpchat" else Client() for _ in range(100 if what != "bare" else 0)]
state("made 100 clients")
for client in clients[:1]:
    client.retrieve_domain("agentVep") if what == "lpchat" else client.get(f"{ORIGIN}/api/account/1/service/baseURI.json")
# What was needed for the call only may go.
time.sleep(0.5)
state("called and idle")
