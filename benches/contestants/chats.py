"""What the Python contestants share that poll chats: `saturated CHATS EVENTS`, until so many events of each chat were read."""

import asyncio
import sys

from common import ACCOUNT, ORIGIN, Stopwatch

CHATS, EVENTS = (int(number) for number in sys.argv[sys.argv.index("saturated") + 1 :])
CONNECTIONS = 48
HEADERS = {"Authorization": "LivePerson appKey=key", "Accept": "application/json"}


class User:
    """What the program does with the events of its chats, whoever brings them."""

    events = characters = 0

    def read(self, expected, event_id, text):
        if int(event_id) != expected:
            raise ValueError(f"the events of a chat came as {event_id} and not as {expected}")
        self.events += 1
        self.characters += len(text)


user = User()


async def run(follow):
    """Do the work with what follows the chat of a number."""
    watch = Stopwatch()
    async with asyncio.TaskGroup() as tasks:
        for number in range(CHATS):
            tasks.create_task(follow(number))
    watch.report(user.events, f"{user.events}/{user.characters}")


async def poll(number, get):
    """Follow a chat with what gets the document at a path: the cursor is kept, events are read in order."""
    url = f"{ORIGIN}/api/account/{ACCOUNT}/chat/H{number}K{number}.json?v=1&NC=true&from="
    following = 0
    while following < EVENTS:
        chat = (await get(url + str(following)))["chat"]
        events = chat["events"].get("event", [])
        if isinstance(events, dict):
            events = [events]
        for event in sorted(events, key=lambda event: int(event["@id"])):
            if int(event["@id"]) >= following and following < EVENTS:
                user.read(following, event["@id"], event["text"])
                following += 1
        if chat["info"]["state"] == "ended":
            return
