"""Chats that live: their events, their lines, the end of their scope, and their life in another process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path

import pytest
from lpchat import AsyncClient, ChatEvent, ChatState, Client, LpchatChatStateError, LpchatTimeoutError, Sandbox


@pytest.fixture(scope="module")
def lively() -> Iterator[Sandbox]:
    """A sandbox whose scripted agents lose no time."""
    with Sandbox.start(seed=7, engagements=10, switches={"agent_accept_ms": 60, "agent_answer_ms": 30}) as sandbox:
        yield sandbox


@pytest.fixture
def brisk(lively: Sandbox) -> Iterator[Client]:
    with Client(lively.config, poll_interval=0.02, quiet_poll_interval=0.04) as client:
        yield client


def numbered(events: Iterable[ChatEvent]) -> list[ChatEvent]:
    """The service's own events: what lpchat tells by itself, such as typing, has no id."""
    return [event for event in events if event.id]


def in_order(events: list[ChatEvent]) -> bool:
    """Whether no id is left out or repeated."""
    first = int(events[0].id)
    return [event.id for event in events] == [str(number) for number in range(first, first + len(events))]


def test_events_come_in_order_and_a_loop_goes_on_where_it_was_left(brisk: Client) -> None:
    with brisk.visitor.start_chat(skill="Sales") as chat:
        assert chat.wait_until_accepted()
        assert not chat.send("Where is it?").is_read_back
        first: list[ChatEvent] = []
        for event in chat.events():
            first.append(event)
            if event.source == "agent" and event.text and "Where is it?" in event.text:
                break
        first = numbered(first)
        assert in_order(first) and first[0].id == "0"
        with pytest.raises(LpchatTimeoutError) as quiet:
            while chat.events().next_event(wait=0.2):  # An agent who has answered stops typing.
                pass
        assert quiet.value.name == "NothingCame"
        chat.send("bye")
        rest = numbered(chat.events())
        assert int(rest[0].id) == len(first)
        assert rest[-1].state == ChatState.ENDED
        assert chat.events().next_events() is None
        with pytest.raises(LpchatChatStateError):
            chat.send("too late")


def test_a_chat_ends_with_its_scope_unless_it_is_kept(brisk: Client) -> None:
    states = []
    for keep in (False, True):
        with brisk.visitor.start_chat(skill="Sales") as chat:
            chat.keep(keep)
        states.append(chat.retrieve_information().state)
    assert states[0] == ChatState.ENDED and states[1] != ChatState.ENDED


def test_a_saved_chat_goes_on_in_another_client(brisk: Client, lively: Sandbox, tmp_path: Path) -> None:
    chat = brisk.visitor.start_chat(skill="Sales")
    chat.wait_until_accepted()
    before = [event.id for event in (chat.events().next_event(), chat.events().next_event()) if event]
    state = tmp_path / "chat.json"
    chat.keep_in_file(str(state))
    assert state.stat().st_mode & 0o777 == 0o600
    with Client(lively.config, poll_interval=0.02) as other:
        again = other.visitor.resume(state.read_text())
        with again:
            again.send("bye")
            events = numbered(again.events())
    assert before == ["0", "1"]
    assert in_order(events)
    assert int(events[0].id) <= 2, "nothing is lost; what the first process may not have processed comes again"
    assert all(event.is_repeated for event in events if int(event.id) < 2)


def run(sandbox: Sandbox, talk: Callable[[AsyncClient], Awaitable[list[ChatEvent]]]) -> list[ChatEvent]:
    async def with_client() -> list[ChatEvent]:
        async with AsyncClient(sandbox.config, poll_interval=0.02) as client:
            return await talk(client)

    return asyncio.run(with_client())


def test_asyncio(lively: Sandbox) -> None:
    async def talk(client: AsyncClient) -> list[ChatEvent]:
        async with await client.visitor.start_chat(skill="Sales") as chat:
            await chat.wait_until_accepted()

            async def read() -> list[ChatEvent]:
                return [event async for event in chat.events()]

            reading = asyncio.create_task(read())
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(asyncio.shield(reading), 0.05)
            await chat.send("bye")
            return await asyncio.wait_for(reading, 20)

    assert in_order(numbered(run(lively, talk)))


def test_a_cancelled_wait_takes_no_event_away(lively: Sandbox) -> None:
    async def talk(client: AsyncClient) -> list[ChatEvent]:
        async with await client.visitor.start_chat(skill="Sales") as chat:
            await chat.wait_until_accepted()
            stream, events = chat.events(), list[ChatEvent]()
            await chat.send("bye")
            while True:
                try:
                    event = await asyncio.wait_for(stream.next_event(), 0.001)
                except asyncio.TimeoutError:
                    continue
                if event is None:
                    return events
                events.append(event)

    assert in_order(numbered(run(lively, talk)))
