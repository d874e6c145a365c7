"""lpchat as a guest in a process: threads, signals, forks, exits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from lpchat import Sandbox

from .conftest import eventually

INTERRUPTS = 50
CHILDREN = 50
EXITS = 200
SLOWEST_EXIT_SECONDS = 2.0


def run(code: str, sandbox: Sandbox, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *arguments]
    environment = {**os.environ, "SANDBOX_LINE": sandbox.config}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


BEGIN = "import os, sys, threading, time\nfrom lpchat import Client\nclient = Client(os.environ['SANDBOX_LINE'])\n"


def test_no_thread_and_no_socket_before_the_first_call(sandbox: Sandbox) -> None:
    code = BEGIN + (
        "count = lambda: (len(os.listdir('/proc/self/task')), sum('socket' in os.readlink(f'/proc/self/fd/{fd}') "
        "for fd in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{fd}')))\n"
        "print(count()); client.retrieve_domains(); print(count())"
    )
    output, complaint = run(code, sandbox).communicate(timeout=30)
    before, after = output.splitlines()
    assert before == "(1, 0)", complaint
    assert after == "(2, 1)", "one worker thread, one connection"


def test_ctrl_c_ends_a_call_and_the_server_sees_it(sandbox: Sandbox, faults: Callable[..., None]) -> None:
    faults("domain.service", {"hang": True})
    code = BEGIN + (
        "try:\n    print('calling', flush=True)\n    client.retrieve_domain('agentVep')\n"
        "except KeyboardInterrupt:\n    print(time.monotonic(), flush=True)\n    os._exit(9)\n"
    )
    taken = []
    for number in range(INTERRUPTS):
        sandbox.admin("DELETE", "/admin/requests")
        process = run(code, sandbox)
        assert process.stdout is not None and process.stdout.readline() == "calling\n"
        eventually(lambda: arrived(sandbox) == number + 1)  # noqa: B023 - called at once
        time.sleep(0.013 * (number % 7))
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        ended = float(process.stdout.readline())
        assert process.wait(timeout=10) == 9
        taken.append(ended - sent)
        eventually(lambda: [request["aborted"] for request in sandbox.admin("GET", "/admin/requests")] == [True])
    taken.sort()
    slowest, median = taken[-1], taken[INTERRUPTS // 2]
    print(f"of {INTERRUPTS} interrupts the slowest took {slowest * 1000:.0f} ms, the median {median * 1000:.0f} ms")
    # A busy machine may hold one process up; what lpchat itself adds shows in the others.
    assert taken[INTERRUPTS * 9 // 10] < 0.1 and taken[-1] < 1


def arrived(sandbox: Sandbox) -> int:
    """How many requests have met the planned fault."""
    happened: int = sandbox.admin("GET", "/admin/faults")[0]["happened"]
    return happened


def test_a_client_used_before_a_fork_works_in_every_child(sandbox: Sandbox) -> None:
    code = BEGIN + (
        "client.retrieve_domains(); client.agent.login()\n"
        "children = []\n"
        f"for number in range({CHILDREN}):\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        try:\n"
        "            client.retrieve_domain('agentVep'); client.agent.start_session()\n"
        "            os._exit(0)\n"
        "        except BaseException as error:\n"
        "            print(error, flush=True); os._exit(1)\n"
        "    children.append(pid)\n"
        "codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]\n"
        "client.retrieve_domains()\n"
        "print(codes.count(0), flush=True)\n"
    )
    output, complaint = run(code, sandbox).communicate(timeout=120)
    assert output.splitlines()[-1:] == [str(CHILDREN)], output + complaint


def test_a_pool_of_forked_workers(sandbox: Sandbox) -> None:
    code = BEGIN + (
        "import multiprocessing\n"
        "def work(_): return client.history.count(start='2026-06-01', end='2026-06-02')\n"
        "client.retrieve_domains()\n"
        "with multiprocessing.get_context('fork').Pool(4) as pool:\n"
        "    print(len(set(pool.map(work, range(12)))))\n"
    )
    output, complaint = run(code, sandbox).communicate(timeout=60)
    assert output == "1\n", complaint


def test_exits_with_calls_in_flight_are_clean(sandbox: Sandbox, faults: Callable[..., None]) -> None:
    faults("domain.service", {"hang": True})
    code = BEGIN + (
        "for _ in range(3): threading.Thread(target=lambda: client.retrieve_domain('agentVep'), daemon=True).start()\n"
        "time.sleep(0.02); sys.exit(int(sys.argv[1]))\n"
    )

    def leave(number: int) -> tuple[int, str, float]:
        begun = time.monotonic()
        process = run(code, sandbox, str(number % 100))
        _, complaint = process.communicate(timeout=30)
        return process.returncode - number % 100, complaint, time.monotonic() - begun

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(leave, range(EXITS)))
    assert {(code, complaint) for code, complaint, _ in outcomes} == {(0, "")}
    assert max(seconds for _, _, seconds in outcomes) < SLOWEST_EXIT_SECONDS


def test_asyncio_exits_with_calls_in_flight_are_clean(sandbox: Sandbox, faults: Callable[..., None]) -> None:
    faults("domain.service", {"hang": True})
    code = (
        "import asyncio, os\nfrom lpchat import AsyncClient\n"
        "async def main():\n"
        "    client = AsyncClient(os.environ['SANDBOX_LINE'])\n"
        "    client.retrieve_domain('agentVep'); await asyncio.sleep(0.02)\n"
        "asyncio.run(main())\n"
    )
    for _ in range(10):
        process = run(code, sandbox)
        _, complaint = process.communicate(timeout=30)
        assert (process.returncode, complaint) == (0, "")


def test_threads_share_a_client(sandbox: Sandbox) -> None:
    code = BEGIN + (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "look_up = lambda _: client.retrieve_domain('agentVep').service\n"
        "with ThreadPoolExecutor(16) as pool: services = set(pool.map(look_up, range(200)))\n"
        "print(services, len(os.listdir('/proc/self/task')) <= 6)\n"
    )
    output, complaint = run(code, sandbox).communicate(timeout=60)
    assert output == "{'agentVep'} True\n", complaint
