"""Polling many chats with pyreqwest."""

import asyncio

from chats import CONNECTIONS, HEADERS, poll, run
from pyreqwest.client import ClientBuilder


async def main():
    builder = ClientBuilder().max_connections(CONNECTIONS).pool_max_idle_per_host(CONNECTIONS).default_headers(HEADERS)
    async with builder.build() as client:

        async def get(url):
            return await (await client.get(url).build().send()).json()

        await run(lambda number: poll(number, get))


asyncio.run(main())
