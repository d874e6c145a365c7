"""What the figures are to reach, and the table that says whether they do."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass
class Goal:
    """A figure of ours, alone or beside the best of some peers, with its floor and its goal."""

    what: str
    group: str
    ours: str
    figure: str
    floor: float
    goal: float | None
    # Texts that the peers' names begin with; none where the figure stands for itself.
    peers: tuple[str, ...] = ()
    # How many times as fast as the peers; else the share of what the peers take, or the figure itself, as little as can be.
    faster: bool = False
    show: Callable[[float], str] = "{:.2f}×".format


def faster(what: str, group: str, ours: str, peers: tuple[str, ...], floor: float, goal: float) -> Goal:
    return Goal(what, group, ours, "seconds", floor, goal, peers, True)


def share(what: str, group: str, ours: str, peers: tuple[str, ...], figure: str, floor: float, goal: float | None) -> Goal:
    return Goal(what, group, ours, figure, floor, goal, peers)


def most(what: str, group: str, ours: str, figure: str, floor: float, goal: float | None, show: Callable[[float], str]) -> Goal:
    return Goal(what, group, ours, figure, floor, goal, (), False, show)


def nanoseconds(seconds: float) -> str:
    return f"{seconds * 1e9:.0f} ns"


def microseconds(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} µs"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms"


def kilobytes(size: float) -> str:
    return f"{size / 1000:.1f} KB"


def megabytes(size: float) -> str:
    return f"{size / 1e6:.1f} MB"


CORE, NODE, EVENTS = "chat, core", "chat, Node", "chat, events in batches of 64"
LINES = "chat, lines, core"
MANY, STALLED = "chat, 5,000 at 2 s, core", "chat, 5,000 at 2 s of which 1 % stall, core"
OBJECTS, FRAMES, EXPORTS = "search → objects, Python", "search → data frame, Python", "export → Parquet, Python"
DECODED, DECODED_OBJECTS = "decode → records, core", "decode → objects, Python"
DECODED_TABLES, WHOLE = "decode → Arrow, Python", "lpchat, whole table"
FAULTS = "export → Parquet, 1 % faults"
POLARS = "lpchat → polars, whole table"
GOALS = [
    faster("core: polls a second", CORE, "lpchat", ("reqwest",), 0.85, 1.0),
    share("core: CPU a poll", CORE, "lpchat", ("reqwest",), "cpu", 1.3, None),
    faster("core: lines a second", LINES, "lpchat", ("reqwest",), 0.85, 1.0),
    share("core: CPU a line", LINES, "lpchat", ("reqwest",), "cpu", 1.3, None),
    faster("Node: polls a second, undici", NODE, "lpchat", ("undici",), 1.3, 1.7),
    faster("Node: polls a second, fetch", NODE, "lpchat", ("fetch",), 6.0, 6.0),
    share("Node: main thread's CPU an event, undici", NODE, "lpchat", ("undici",), "main_thread", 1 / 4, 1 / 8),
    most("Node: event loop's delay, p99", "chat, 2,000 at 2 s, Node", "lpchat", "loop_delay_p99", 5e-3, 5e-3, milliseconds),
    faster("Python: polls a second, pyreqwest", "chat, Python", "lpchat", ("pyreqwest",), 1.8, 2.5),
    faster("Python: polls a second, aiohttp", "chat, Python", "lpchat", ("aiohttp",), 3.0, 4.0),
    faster("C: polls a second", "chat, C", "lpchat", ("libcurl",), 0.8, 1.0),
    share("C: CPU a poll", "chat, C", "lpchat", ("libcurl",), "cpu", 1.25, None),
    most("5,000 chats at 2 s: cores", MANY, "lpchat", "cores", 0.15, 0.15, "{:.3f}".format),
    most("5,000 chats: sockets", MANY, "lpchat", "sockets", 64, 64, "{:.0f}".format),
    most("5,000 chats: memory of one", MANY, "lpchat", "bytes_a_chat", 8000, 4000, kilobytes),
    most("5,000 chats: lateness of a poll, p99", MANY, "lpchat", "lateness_p99", 0.2, 0.06, milliseconds),
    most("the same of the others while 1 % stall", STALLED, "lpchat", "lateness_p99", 0.2, 0.06, milliseconds),
    most("from answer to user, p50", "chat, 1,000 at 150 ms, core", "lpchat", "latency_p50", 150e-6, 80e-6, microseconds),
    most("from answer to user, p99", "chat, 1,000 at 150 ms, core", "lpchat", "latency_p99", 2e-3, 1e-3, microseconds),
    most("an event in a batch of 64: C", EVENTS, "C", "main_thread", 50e-9, 25e-9, nanoseconds),
    most("an event in a batch of 64: Python", EVENTS, "Python", "main_thread", 1500e-9, 750e-9, nanoseconds),
    most("an event in a batch of 64: Node", EVENTS, "Node", "main_thread", 1000e-9, 500e-9, nanoseconds),
    faster("search → Python objects", OBJECTS, "lpchat", ("urllib3", "aiohttp"), 1.5, 2.0),
    faster("search → Python objects, requests", OBJECTS, "lpchat", ("requests",), 4.0, 6.0),
    faster("search → polars, json_normalize", FRAMES, POLARS, ("requests + json → pandas.json_normalize",), 8.0, 12.0),
    faster("search → polars, best of the others", FRAMES, POLARS, ("aiohttp",), 4.0, 6.0),
    faster("export → Parquet, pandas", EXPORTS, "lpchat, all tables", ("requests",), 6.0, 10.0),
    faster("export → Parquet, pyarrow", EXPORTS, "lpchat, all tables", ("aiohttp",), 5.0, 8.0),
    faster("decode, core: serde_json values", DECODED, "lpchat", ("serde_json-value",), 3.0, 3.0),
    faster("decode, core: serde_json, typed", DECODED, "lpchat", ("serde_json",), 1.3, 1.3),
    faster("decode, core: sonic-rs, typed", DECODED, "lpchat", ("sonic-rs",), 0.8, 1.0),
    faster("decode, Python: msgspec, typed", DECODED_OBJECTS, "lpchat", ("msgspec",), 1.2, 2.0),
    faster("decode, Python: orjson", DECODED_OBJECTS, "lpchat", ("orjson",), 2.3, 2.3),
    faster("decode, Python: json", DECODED_OBJECTS, "lpchat", ("json",), 4.5, 4.5),
    faster("decode → Arrow, Python: pyarrow NDJSON", DECODED_TABLES, WHOLE, ("pyarrow",), 3.0, 4.0),
    faster("decode → Arrow, Python: polars", DECODED_TABLES, WHOLE, ("polars",), 3.5, 5.0),
    faster("decode → Arrow, Python: orjson", DECODED_TABLES, WHOLE, ("orjson",), 6.0, 8.0),
    faster("decode, C: yyjson", "decode → records, C", "lpchat", ("yyjson",), 0.6, 0.9),
    faster("decode, Node: JSON.parse", "decode → objects, Node", "lpchat", ("JSON.parse",), 1.0, 2.0),
    share("export with 1 % faults: wall", FAULTS, "lpchat, 1 % of the pages fail", ("lpchat, undisturbed",), "seconds", 1.2, 1.1),
    share("export with 1 % faults: CPU", FAULTS, "lpchat, 1 % of the pages fail", ("lpchat, undisturbed",), "cpu", 1.2, 1.1),
    most(
        "peak memory of an export over what was there before",
        "export → Parquet",
        "lpchat, all tables",
        "grown_kib at 100000",
        96e6 / 1024,
        64e6 / 1024,
        lambda kib: megabytes(kib * 1024),
    ),
    most(
        "memory of the largest search minus of 10,000 records",
        "search → objects one by one",
        "lpchat",
        "growth",
        16e6,
        4e6,
        megabytes,
    ),
    most(
        "memory of the largest export minus of 10,000 records",
        "export → Parquet",
        "lpchat, all tables",
        "growth",
        16e6,
        4e6,
        megabytes,
    ),
]


def value(goal: Goal, groups: list[Any]) -> float | None:
    """The goal's figure, median by median; nothing where it was not measured."""
    found = [group for group in groups if group.name == goal.group]
    medians = {
        contestant.name: statistics.median(contestant.figures[goal.figure])
        for group in found
        for contestant in group.contestants
        if contestant.figures.get(goal.figure)
    }
    if goal.ours not in medians:
        return None
    if not goal.peers:
        return medians[goal.ours]
    peers = [median for name, median in medians.items() if name.startswith(goal.peers)]
    if not peers:
        return None
    return min(peers) / medians[goal.ours] if goal.faster else medians[goal.ours] / min(peers)


def table(groups: list[Any]) -> str:
    lines = ["| what | against | figure | floor | goal | |", "| --- | --- | --- | --- | --- | --- |"]
    for goal in GOALS:
        found = value(goal, groups)
        if found is None:
            continue

        def reaches(bound: float | None, found: float = found, goal: Goal = goal) -> bool:
            return bound is not None and (found >= bound if goal.faster else found <= bound)

        verdict = "goal reached" if reaches(goal.goal) else "reached" if reaches(goal.floor) else "**missed**"
        bound = "≥" if goal.faster else "≤"
        wanted = "" if goal.goal is None else f"{bound} {goal.show(goal.goal)}"
        cells = [goal.what, " or ".join(goal.peers) or "—", goal.show(found), f"{bound} {goal.show(goal.floor)}", wanted, verdict]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n" if len(lines) > 2 else ""
