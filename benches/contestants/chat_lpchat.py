"""Polling many chats with lpchat's AsyncClient."""

import asyncio

from chats import CONNECTIONS, EVENTS, run, user
from common import LINE
from lpchat import AsyncClient


async def main():
    async with AsyncClient(LINE, poll_interval=0.01, quiet_poll_interval=0.01, poll_concurrency=CONNECTIONS) as client:

        async def follow(number):
            following = 0
            async for event in client.visitor.chat(f"H{number}K{number}").events():
                user.read(following, event.id, event.text)
                following += 1
                if following == EVENTS:
                    return

        await run(follow)


asyncio.run(main())
