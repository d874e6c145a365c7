"""The awaitable client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import lpchat
import pytest
from lpchat import AsyncClient, Client, Sandbox

from .conftest import eventually


def test_the_same_names_awaited(sandbox: Sandbox) -> None:
    async def main() -> None:
        async with AsyncClient(sandbox.config) as client:
            chat = await client.visitor.start_chat(skill="Sales")
            assert type(chat) is lpchat.AsyncVisitorChat
            while (await chat.retrieve_information()).state != "chatting":
                await asyncio.sleep(0.01)
            await chat.add_line("hello")
            await chat.end()
            with pytest.raises(lpchat.LpchatChatStateError):
                await chat.add_line("late")
            result = client.history.search(start="2026-05-15", end="2026-06-15", page_size=20)
            streamed = [engagement.engagement_id async for engagement in result]
            frame = await client.history.search(start="2026-05-15", end="2026-06-15").to_polars()
            assert streamed == frame["engagement_id"].to_list()

    asyncio.run(main())


def test_many_calls_at_once_log_in_once(sandbox: Sandbox) -> None:
    sandbox.admin("DELETE", "/admin/requests")

    async def main() -> None:
        async with AsyncClient(sandbox.config) as client:
            await asyncio.gather(*(client.agent.start_session() for _ in range(20)))

    asyncio.run(main())
    routes = [request["route"] for request in sandbox.admin("GET", "/admin/requests")]
    assert routes.count("login.login") == 1 and routes.count("domain.services") == 1


def test_cancelling_closes_the_connection(sandbox: Sandbox, faults: Callable[..., None]) -> None:
    faults("domain.service", {"hang": True})
    sandbox.admin("DELETE", "/admin/requests")

    async def main() -> None:
        async with AsyncClient(sandbox.config) as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.retrieve_domain("agentVep"), 0.1)
            task = asyncio.ensure_future(client.retrieve_domain("agentVep"))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(main())
    eventually(lambda: sum(request["aborted"] for request in sandbox.admin("GET", "/admin/requests")) == 2)


def test_a_loop_that_closes_under_a_call_does_no_harm(sandbox: Sandbox, faults: Callable[..., None]) -> None:
    faults("domain.service", {"delay_ms": 100})

    async def leave() -> None:
        client = AsyncClient(sandbox.config)
        abandoned = asyncio.ensure_future(client.retrieve_domain("agentVep"))
        await asyncio.sleep(0.02)
        assert not abandoned.done()

    asyncio.run(leave())


def test_the_blocking_client_works_inside_a_running_loop(sandbox: Sandbox) -> None:
    async def main() -> None:
        with Client(sandbox.config) as client:
            assert client.retrieve_domain("agentVep").service == "agentVep"

    asyncio.run(main())


def test_without_a_loop_the_error_is_pythons_own(sandbox: Sandbox) -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        AsyncClient(sandbox.config).retrieve_domain("agentVep")
