#!/usr/bin/env python3
"""Run the contestants in turns and print a table of ratios. `README.md` beside this file says what is measured."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
CONTESTANTS = HERE / "contestants"


@dataclass
class Contestant:
    """A program to measure. The first peer of a group is what the others are compared with."""

    group: str
    name: str
    command: list[str]
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak_kib: list[int] = field(default_factory=list)
    check: str = ""


def contestants() -> list[Contestant]:
    python, node = [sys.executable], ["node"]
    table = [
        ("call, Python", "httpx", [*python, "call_httpx.py"]),
        ("call, Python", "lpchat", [*python, "call_lpchat.py"]),
        ("call, Python", "lpchat again (A/A)", [*python, "call_lpchat.py"]),
        ("call, Node", "fetch", [*node, "call_fetch.mjs"]),
        ("call, Node", "lpchat", [*node, "call_lpchat.mjs"]),
        ("call, C", "libcurl", ["./bin/call_libcurl"]),
        ("call, C", "lpchat", ["./bin/call_lpchat_c"]),
        ("search → objects, Python", "requests + json", [*python, "search_requests.py", "objects"]),
        ("search → objects, Python", "httpx + orjson", [*python, "search_httpx.py", "objects"]),
        ("search → objects, Python", "lpchat", [*python, "search_lpchat.py", "objects"]),
        ("search → data frame, Python", "requests + json → pandas", [*python, "search_requests.py", "frame"]),
        ("search → data frame, Python", "httpx + orjson → polars", [*python, "search_httpx.py", "frame"]),
        ("search → data frame, Python", "lpchat → polars", [*python, "search_lpchat.py", "frame"]),
        ("start, Python", "bare", [*python, "start.py", "bare"]),
        ("start, Python", "import lpchat", [*python, "start.py", "lpchat"]),
        ("start, Python", "import httpx", [*python, "start.py", "httpx"]),
        ("start, Node", "bare", [*node, "start.mjs", "bare"]),
        ("start, Node", "import lpchat", [*node, "start.mjs", "lpchat"]),
    ]
    return [Contestant(group, name, command) for group, name, command in table if runnable(command)]


def runnable(command: list[str]) -> bool:
    return not command[0].startswith("./") or (CONTESTANTS / command[0]).exists()


def measure(contestant: Contestant, environment: dict[str, str]) -> None:
    """One round of one contestant."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        contestant.command, cwd=CONTESTANTS, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"{contestant.group}: {contestant.name} failed: {done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    contestant.seconds.append(result["seconds"])
    contestant.cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    contestant.peak_kib.append(result["peak_kib"])
    contestant.check = str(result["check"])


def check_equal(all_of_them: list[Contestant]) -> None:
    for group in dict.fromkeys(contestant.group for contestant in all_of_them):
        values = {contestant.name: contestant.check for contestant in all_of_them if contestant.group == group}
        if len(set(values.values())) != 1:
            raise SystemExit(f"the contestants of {group} do not do the same: {values}")


def table(all_of_them: list[Contestant], rounds: int) -> str:
    lines = [
        f"{rounds} rounds, Python {platform.python_version()}, Node {version('node')}, {os.cpu_count()} cores.",
        "",
        "| group | contestant | median | best | ratio to the peer (median) | CPU of the process | peak memory |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    peers: dict[str, float] = {}
    for contestant in all_of_them:
        median = statistics.median(contestant.seconds)
        peer = peers.setdefault(contestant.group, median)
        ratio = "—" if peer is median else f"{peer / median:.2f}× as fast"
        cpu, peak = statistics.median(contestant.cpu), statistics.median(contestant.peak_kib)
        cells = [contestant.group, contestant.name, show(median), show(min(contestant.seconds)), ratio]
        cells += [f"{cpu:.2f} s", f"{peak / 1024:.0f} MiB"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def show(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.1f} ms"


def version(program: str) -> str:
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip().lstrip("v")


def sizes() -> str:
    """Sizes of what is shipped, and what an idle client costs."""
    lines = ["| what | size |", "| --- | --- |"]
    for name, path in {
        "library in the wheel": next(iter(sorted((ROOT / "bindings/python/python/lpchat").glob("_native*.so"))), None),
        "Node addon": ROOT / "bindings/node/lpchat.node",
        "C library (stripped)": ROOT / "target/bench/liblpchat.so.0",
        "sandbox": ROOT / "target/release/lpchat-sandbox",
    }.items():
        if path is not None and path.exists():
            lines.append(f"| {name} | {path.stat().st_size / 1e6:.1f} MB |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="groups whose name holds this text")
    parser.add_argument("--sandbox", default=str(ROOT / "target/release/lpchat-sandbox"))
    parser.add_argument("--results", type=Path, help="write the table into this file")
    arguments = parser.parse_args()
    chosen = [contestant for contestant in contestants() if arguments.only in contestant.group]
    command = [arguments.sandbox, "--port", "0", "--engagements", "13000", "--base-date", "2026-06-01"]
    sandbox = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert sandbox.stdout is not None and sandbox.stdin is not None
    environment = {**os.environ, "SANDBOX_LINE": sandbox.stdout.readline().strip()}
    for contestant in chosen:
        measure(contestant, environment)
    check_equal(chosen)
    for contestant in chosen:
        contestant.seconds.clear(), contestant.cpu.clear(), contestant.peak_kib.clear()
    for _ in range(arguments.rounds):
        for contestant in chosen:
            measure(contestant, environment)
    sandbox.stdin.close()
    sandbox.wait(timeout=10)
    text = table(chosen, arguments.rounds) + "\n" + sizes()
    print(text)
    if arguments.results:
        arguments.results.write_text(f"# Last results\n\nMade by `make bench`. How to read them: `README.md`.\n\n{text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
