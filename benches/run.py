#!/usr/bin/env python3
"""Run the contestants in turns and print tables of ratios. `README.md` beside this file says what is measured."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import report

HERE = Path(__file__).parent
ROOT = HERE.parent
CONTESTANTS = HERE / "contestants"
BENCH = ROOT / "target" / "bench"
PAGES = 10


@dataclass
class Contestant:
    """A program to measure. The first peer of a group is what the others are compared with."""

    group: str
    name: str
    command: list[str]
    # How many of what the group counts one iteration is.
    unit: str = "calls"
    units: int = 1
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak_kib: list[int] = field(default_factory=list)
    check: str = ""
    requests: int = 0


def contestants() -> list[Contestant]:
    found: list[Contestant] = []

    def group(name: str, unit: str, units: int, rows: list[tuple[str, list[str]]]) -> None:
        found.extend(Contestant(name, row, command, unit, units) for row, command in rows)

    def python(*words: str) -> list[str]:
        return [sys.executable, str(CONTESTANTS / words[0]), *words[1:]]

    def node(*words: str) -> list[str]:
        return ["node", str(BENCH / "node" / words[0]), *words[1:]]

    def program(name: str) -> list[str]:
        return [str(BENCH / "bin" / name)]

    group(
        "call, Python",
        "calls",
        1,
        [
            ("httpx", python("call_httpx.py")),
            ("requests", python("call_requests.py")),
            ("lpchat", python("call_lpchat.py")),
            ("lpchat again (A/A)", python("call_lpchat.py")),
        ],
    )
    group("call, Node", "calls", 1, [("fetch", node("call_fetch.mjs")), ("lpchat", node("call_lpchat.mjs"))])
    group("call, C", "calls", 1, [("libcurl", program("call_libcurl")), ("lpchat", program("call_lpchat"))])
    group(
        "search → objects, Python",
        "pages",
        PAGES,
        [
            ("requests + json", python("search_requests.py", "objects")),
            ("httpx + orjson", python("search_httpx.py", "objects")),
            ("lpchat", python("search_lpchat.py", "objects")),
            ("lpchat again (A/A)", python("search_lpchat.py", "objects")),
        ],
    )
    group(
        "search → data frame, Python",
        "pages",
        PAGES,
        [
            ("requests + json → pandas, 9 columns", python("search_requests.py", "pandas")),
            ("requests + json → pandas.json_normalize", python("search_requests.py", "normalize")),
            ("httpx + orjson → polars, 9 columns", python("search_httpx.py", "polars")),
            ("lpchat → polars, whole table", python("search_lpchat.py", "polars")),
            ("lpchat → pandas, whole table", python("search_lpchat.py", "pandas")),
        ],
    )
    group(
        "start, Python",
        "starts",
        1,
        [
            ("bare", python("start.py", "bare")),
            ("import lpchat", python("start.py", "lpchat")),
            ("import httpx", python("start.py", "httpx")),
            ("import requests", python("start.py", "requests")),
        ],
    )
    for system, load in (("commonjs", "require"), ("module", "import")):
        bare = ("bare", node("start.mjs", f"bare-{system}"))
        group(f"start, Node {system}", "starts", 1, [bare, (f"{load} lpchat", node("start.mjs", load))])
    return found


def measure(contestant: Contestant, environment: dict[str, str]) -> None:
    """One round of one contestant."""
    done = subprocess.run(
        contestant.command, cwd=CONTESTANTS, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"{contestant.group}: {contestant.name} failed: {done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    contestant.seconds.append(result["seconds"])
    contestant.cpu.append(result["cpu"])
    contestant.peak_kib.append(result["peak_kib"])
    contestant.check = str(result["check"])


class Sandbox:
    """The service, with no proxy between it and the contestants."""

    def __init__(self, executable: Path) -> None:
        command = [str(executable), "--port", "0", "--engagements", "16000", "--base-date", "2026-06-01"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline().strip()
        self.origin = json.loads(self.line)["admin_origin"]
        self.environment = {
            **{name: value for name, value in os.environ.items() if not re.match("(?i).*_proxy$|^LPCHAT_", name)},
            "SANDBOX_LINE": self.line,
            "PYTHONPATH": str(BENCH / "python"),
        }

    def requests(self) -> int:
        """How many requests it has had, as far as it remembers, since this was asked last."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.origin}/admin/requests") as answer:
            count = len(json.load(answer))
        opener.open(urllib.request.Request(f"{self.origin}/admin/requests", method="DELETE")).close()
        return count

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=10)


def check_equal(all_of_them: list[Contestant], sandbox: Sandbox) -> None:
    """Let everybody run once; they must all get the same out of the same requests."""
    for contestant in all_of_them:
        sandbox.requests()
        measure(contestant, sandbox.environment)
        contestant.requests = sandbox.requests()
    for group in dict.fromkeys(contestant.group for contestant in all_of_them):
        values = {contestant.name: contestant.check for contestant in all_of_them if contestant.group == group}
        if len(set(values.values())) != 1:
            raise SystemExit(f"the contestants of {group} do not do the same: {values}")
        # Logins and look-ups of hosts come before the clock runs; a handful of requests, whoever makes them.
        counts = {contestant.name: contestant.requests for contestant in all_of_them if contestant.group == group}
        if max(counts.values()) - min(counts.values()) > 5:
            raise SystemExit(f"the contestants of {group} do not ask the same: {counts}")
    for contestant in all_of_them:
        contestant.seconds.clear(), contestant.cpu.clear(), contestant.peak_kib.clear()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="groups whose name holds this text")
    parser.add_argument("--results", type=Path, help="write the tables into this file")
    arguments = parser.parse_args()
    chosen = [contestant for contestant in contestants() if arguments.only in contestant.group]
    missing = [contestant for contestant in chosen if not Path(contestant.command[0]).exists() and "/" in contestant.command[0]]
    for contestant in missing:
        print(f"{contestant.group}: {contestant.name} is skipped: {contestant.command[0]} was not built", file=sys.stderr)
    chosen = [contestant for contestant in chosen if contestant not in missing]
    sandbox = Sandbox(BENCH / "bin/lpchat-sandbox")
    try:
        check_equal(chosen, sandbox)
        for number in range(arguments.rounds):
            print(f"round {number + 1} of {arguments.rounds}", file=sys.stderr)
            for contestant in chosen:
                measure(contestant, sandbox.environment)
        skipped = [f"{contestant.group}: {contestant.name}" for contestant in missing]
        idle = report.idle(CONTESTANTS, BENCH, sandbox.environment)
    finally:
        sandbox.close()
    parts = [
        report.versions(arguments.rounds, BENCH),
        report.ratios(chosen, skipped),
        report.starts(chosen),
        report.sizes(BENCH),
        idle,
    ]
    text = "\n".join(parts)
    print(text)
    if arguments.results:
        arguments.results.write_text(f"# Last results\n\nMade by `make bench`. How to read them: `README.md`.\n\n{text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
