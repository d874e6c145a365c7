"""Progress of a search, and what Ctrl-C leaves of it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable

import lpchat
import pytest
from lpchat import AsyncClient, Client, Sandbox

from .conftest import eventually

MONTH = {"start": "2026-05-15", "end": "2026-06-15"}


def ids(records: list[lpchat.Engagement]) -> list[tuple[str, int | None]]:
    return [(record.engagement_id, record.info.engagement_sequence) for record in records]


@pytest.fixture
def no_tqdm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)


def test_a_bar_of_tqdm_comes_to_its_end(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    count = len(client.history.search(**MONTH, page_size=20, progress=True).records())
    shown = capsys.readouterr().err
    assert "100%|" in shown and f"{count:,} engagements" in shown and shown.startswith("\rlpchat")


@pytest.mark.usefixtures("no_tqdm")
def test_a_line_where_there_is_no_tqdm(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    count = len(list(client.history.search(**MONTH, page_size=20, progress=True)))
    shown = capsys.readouterr()
    assert shown.err.startswith(f"lpchat: {count:,} engagements, ") and shown.err.endswith(" s, done\n")
    assert shown.err.count("\n") == 1 and shown.out == ""


@pytest.mark.usefixtures("no_tqdm")
def test_a_line_at_a_terminal_is_written_over(
    client: Client, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    pages = len(list(client.history.search(**MONTH, page_size=20, progress=True).pages()))
    shown = capsys.readouterr().err
    assert shown.count("\r") == pages + 1 and shown.count("\n") == 1 and "% of the range, " in shown


@pytest.mark.usefixtures("no_tqdm")
def test_what_fails_or_is_left_early_is_not_called_done(
    client: Client, capsys: pytest.CaptureFixture[str], faults: Callable[..., None]
) -> None:
    pages = client.history.search(**MONTH, page_size=20, progress=True).pages()
    next(pages)
    pages.close()  # type: ignore[attr-defined]
    assert capsys.readouterr().err.endswith(", not finished\n")
    faults("history.search", {"status": 403})
    with pytest.raises(lpchat.LpchatPermissionError):
        client.history.search(**MONTH, progress=True).records()
    assert capsys.readouterr().err.endswith(", not finished\n")


def test_nothing_is_shown_unless_asked_for(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    client.history.search(**MONTH).records()
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("no_tqdm")
def test_progress_awaited(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    async def search() -> None:
        async with AsyncClient(sandbox.config) as client:
            await client.history.search(**MONTH, progress=True).records()

    asyncio.run(search())
    assert capsys.readouterr().err.endswith(", done\n")


# Reads its first pages, says so, and is interrupted within the next one, which the service keeps back.
INTERRUPTED = """
import json, os, sys
import lpchat
from lpchat import Client, Sandbox
client = Client(os.environ["SANDBOX_LINE"])
result = client.history.search(start="2026-05-15", end="2026-06-15", page_size=20)
try:
    result.to_polars()
except lpchat.SearchInterrupted as stop:
    read = [[record.engagement_id, record.info.engagement_sequence] for record in stop.result.read_so_far]
    print(json.dumps({"token": stop.resume_token, "read": read, "is_interrupt": isinstance(stop, KeyboardInterrupt)}), flush=True)
sys.stdin.readline()
rest = result.to_polars()
print(json.dumps({"rows": rest.height}), flush=True)
"""


def test_ctrl_c_leaves_a_resume_token_and_the_result_goes_on(
    sandbox: Sandbox, client: Client, faults: Callable[..., None]
) -> None:
    import json

    everything = ids(client.history.search(**MONTH).records())
    # The first pages come, all others are kept back.
    faults("history.search", {"hang": True}, skip=2)
    environment = {**os.environ, "SANDBOX_LINE": sandbox.config}
    command = [sys.executable, "-c", INTERRUPTED]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment) as process:
        assert process.stdin and process.stdout and process.stderr
        eventually(lambda: sandbox.admin("GET", "/admin/faults")[0]["happened"] > 0, seconds=30)
        process.send_signal(signal.SIGINT)
        line = process.stdout.readline()
        assert line, process.stderr.read()
        left = json.loads(line)
        sandbox.admin("DELETE", "/admin/faults")
        process.stdin.write("go on\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline()) == {"rows": len(everything)}, "the same result goes on"
        assert process.wait(timeout=30) == 0
    assert left["is_interrupt"]
    read = [(engagement, sequence) for engagement, sequence in left["read"]]
    rest = ids(client.history.search(resume_token=left["token"]).records())
    assert sorted(read + rest) == sorted(everything), "and another search goes on with the token"


def test_within_a_loop_the_token_goes_back_to_the_page(client: Client) -> None:
    everything = ids(client.history.search(**MONTH).records())
    result = client.history.search(**MONTH, page_size=20)
    stream = iter(result)
    seen = [next(stream) for _ in range(25)]
    rest = ids(client.history.search(resume_token=result.resume_token).records())
    assert ids(seen) == everything[:25] and rest == everything[20:]


def test_a_cancelled_task_goes_on(sandbox: Sandbox, faults: Callable[..., None]) -> None:
    async def search() -> tuple[list[tuple[str, int | None]], list[tuple[str, int | None]]]:
        async with AsyncClient(sandbox.config) as client:
            whole = ids(await client.history.search(**MONTH).records())
            faults("history.search", {"hang": True}, skip=2)
            result = client.history.search(**MONTH, page_size=20)
            task = asyncio.ensure_future(result.records())
            while not await asyncio.to_thread(lambda: sandbox.admin("GET", "/admin/faults")[0]["happened"]):
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            token, read = result.resume_token, ids(result.read_so_far)
            sandbox.admin("DELETE", "/admin/faults")
            rest = ids(await client.history.search(resume_token=token).records())
            assert sorted(read + rest) == sorted(whole)
            return whole, ids(await result.records())

    whole, continued = asyncio.run(search())
    assert whole == continued
