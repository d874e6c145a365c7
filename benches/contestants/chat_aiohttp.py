"""Polling many chats with aiohttp and orjson."""

import asyncio

import aiohttp
import orjson
from chats import CONNECTIONS, HEADERS, poll, run


async def main():
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector, headers=HEADERS) as session:

        async def get(url):
            async with session.get(url) as response:
                return orjson.loads(await response.read())

        await run(lambda number: poll(number, get))


asyncio.run(main())
