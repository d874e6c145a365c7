"""What lasts: clients that come and go, and calls under faults for a long time, leave nothing behind.

`LPCHAT_CYCLES` clients, `LPCHAT_SOAK_SECONDS` of calls; `make test-long` asks for many.
"""

from __future__ import annotations

import gc
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from lpchat import Client, LpchatError, Sandbox

CYCLES = int(os.environ.get("LPCHAT_CYCLES", "200"))
SOAK_SECONDS = float(os.environ.get("LPCHAT_SOAK_SECONDS", "3"))
# What the allocator may keep for itself.
SLACK_KIB = 4096


def threads() -> int:
    return len(os.listdir("/proc/self/task"))


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def resident_kib() -> int:
    gc.collect()
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def settled(count: Callable[[], int], most: int) -> int:
    """The count once it has come down to `most`, or after a while."""
    end = time.monotonic() + 5
    while count() > most and time.monotonic() < end:
        time.sleep(0.01)
    return count()


def test_clients_that_come_and_go_leave_nothing(sandbox: Sandbox) -> None:
    def one(number: int) -> None:
        client = Client(sandbox.config)
        client.retrieve_domain("agentVep")
        if number % 20 == 0:
            client.history.count(start="2026-06-01", end="2026-06-02")
        # A client that is forgotten must go as well.
        if number % 2 == 0:
            client.close()

    warm = max(CYCLES // 10, 50)
    for number in range(warm):
        one(number)
    before = resident_kib()
    most_threads, most_descriptors = threads(), descriptors()
    for number in range(CYCLES):
        one(number)
    assert settled(threads, most_threads) <= most_threads
    # Connections that closed clients leave are a matter of milliseconds.
    assert settled(descriptors, most_descriptors) <= most_descriptors + 2
    grown = resident_kib() - before
    assert grown < SLACK_KIB, f"{CYCLES} clients left {grown} KiB"


@pytest.fixture
def shaky() -> Iterator[Sandbox]:
    """A sandbox whose service fails now and then, in every way that a client may see."""
    actions = [
        {"status": 503},
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"reset": True},
        {"close": True},
        {"truncate": 40},
        {"garbage": True},
        {"delay_ms": 50},
        {"gzip_truncated": True},
        {"html": True},
    ]
    plans = [{"route": route, "ratio": 0.01, "action": action} for action in actions for route in ("visitor.*", "history.*")]
    with Sandbox.start(seed=3, engagements=300, switches={"agent_accept_ms": 5, "agent_answer_ms": 5}) as sandbox:
        sandbox.admin("POST", "/admin/faults", plans)
        yield sandbox


EXPECTED = {
    # What the faults stand for, and what a chat says that an unknown outcome has left in another state.
    *("ServerFailed", "Unavailable", "Throttled", "ConnectionLost", "ConnectFailed", "NotJson", "UnexpectedShape"),
    *("OutcomeUnknown", "NotChatting", "ChatEnded", "ChatGone"),
    # A refusal that was cut before it said which.
    "Rejected",
}


def test_a_soak_of_calls(shaky: Sandbox) -> None:
    # Pauses of the vendor's length would make this a test of sleeping.
    with Client(shaky.config, server_error_pauses=[0.001, 0.002], throttle_pause=0.001) as client:
        outcomes: Counter[str] = Counter()
        wrong: list[str] = []
        end = time.monotonic() + SOAK_SECONDS

        def work(number: int) -> None:
            choice = random.Random(number)
            while time.monotonic() < end and not wrong:
                try:
                    choice.choice([chat, search])(client, choice)
                    outcomes["ok"] += 1
                except LpchatError as error:
                    outcomes[error.name] += 1
                    if error.name not in EXPECTED:
                        wrong.append(f"{error.name}: {error}")
                except Exception as error:
                    wrong.append(repr(error))

        run(work)
        # What leaks grows in every period; what a busy period needed once stays.
        before, growths = threads(), list[int]()
        while len(growths) < 3 and (not growths or growths[-1] >= SLACK_KIB):
            resident = resident_kib()
            end = time.monotonic() + SOAK_SECONDS
            run(work)
            growths.append(resident_kib() - resident)
        assert not wrong, wrong
        assert outcomes["ok"] > outcomes.total() / 2, outcomes
        assert outcomes.total() > outcomes["ok"], "the faults were not met"
        assert client.metrics.in_flight == 0, client.metrics
        # The core's pool for large answers comes and goes with the load.
        assert threads() <= before + 4
        assert growths[-1] < SLACK_KIB, f"{growths} KiB more, period by period, after {outcomes.total()} rounds: {outcomes}"


def run(work: Callable[[int], None]) -> None:
    workers = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=SOAK_SECONDS + 60)
        assert not worker.is_alive(), "a call hangs"


def chat(client: Client, choice: random.Random) -> None:
    chat = client.visitor.start_chat(skill="Sales", pre_chat_lines=["Order 42"])
    try:
        for _ in range(choice.randrange(4)):
            chat.retrieve_events(None)
        chat.retrieve_information()
        chat.add_line("How late is it?")
    finally:
        chat.end()


def search(client: Client, choice: random.Random) -> None:
    now = time.time()
    start, end = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - days * 86_400)) for days in (28, 0))
    result = client.history.search(start=start, end=end, page_size=choice.randrange(1, 101), limit=40)
    if choice.random() < 0.5:
        assert result.to_arrow().num_rows == len(result.records())
    else:
        assert all(engagement.raw["info"]["engagementId"] for engagement in result)
