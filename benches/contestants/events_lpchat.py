"""What an event costs that comes in a batch of 64: batches are read that are there already."""

import time

from common import LINE, Stopwatch
from lpchat import Client

CHATS, BATCHES, SIZE = 40, 7, 64

with Client(LINE, poll_interval=0.01, quiet_poll_interval=0.01) as client:
    streams = [client.visitor.chat(f"H{number}K{number}").events() for number in range(CHATS)]
    for stream in streams:
        stream.next_events(wait=0)
    # Until every stream holds as many events as it ever does.
    time.sleep(1.5)
    events = characters = 0
    watch = Stopwatch()
    for stream in streams:
        for _ in range(BATCHES):
            for event in stream.next_events(SIZE).events:
                events += 1
                characters += len(event.text) + len(event.id) + (event.source == "agent")
    watch.report(events, f"{events > CHATS * BATCHES * SIZE / 2}")
