"""The tables that the driver writes."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

PEERS = ["aiohttp", "httpx", "msgspec", "orjson", "pyreqwest", "requests", "urllib3", "pandas", "polars", "pyarrow", "numpy"]
# The goals of a library's size.
WHEEL, ADDON, LIBRARY = 12, 8, 8
START_MILLISECONDS = 15


def show(seconds: float) -> str:
    if seconds < 1e-5:
        return f"{seconds * 1e9:,.0f} ns"
    return f"{seconds * 1e6:.0f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.1f} ms"


def middle(contestant: Any, figure: str) -> float:
    return float(statistics.median(contestant.figures[figure]))


def output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def processor() -> str:
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def yyjson(bench: Path) -> str:
    header = bench / "yyjson/yyjson.h"
    found = re.search(r'YYJSON_VERSION_STRING\s+"(.*)"', header.read_text()) if header.exists() else None
    return found[1] if found else "?"


def versions(rounds: int, bench: Path) -> str:
    curl = re.search(r"libcurl/(\S+)", output(["curl", "--version"])) if shutil.which("curl") else None
    header = next((bench / "prefix/include").glob("lpchat.h"))
    own = re.search(r'LPCHAT_VERSION "(.*)"', header.read_text())
    assert own is not None
    undici = json.loads((bench / "node/node_modules/undici/package.json").read_text())["version"]
    libraries = ", ".join(f"{name} {version(name)}" for name in PEERS)
    return (
        f"{rounds} rounds; lpchat {own[1]}, release build; Python {platform.python_version()} with {libraries}; "
        f"Node {output(['node', '--version'])} with undici {undici}; libcurl {curl[1] if curl else '?'}, yyjson {yyjson(bench)}; "
        f"{output(['rustc', '--version'])}; "
        f"{os.cpu_count()} cores of {processor()}, Linux {platform.release().split('-')[0]}, "
        f"load {os.getloadavg()[0]:.1f} at the end.\n"
    )


def ratios(groups: list[Any], skipped: list[str]) -> str:
    lines = [
        "| group | contestant | median | best | a second | ratio to the peer | CPU | ratio | main thread | peak memory |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for group in groups:
        peer = group.contestants[0]
        starts = group.unit == "starts"
        for contestant in group.contestants:
            median, cpu = middle(contestant, "seconds"), middle(contestant, "cpu")
            cells = [group.name, contestant.name, show(median), show(min(contestant.figures["seconds"]))]
            cells.append("" if starts else f"{group.units / median:,.0f} {group.unit}")
            cells.append("—" if peer is contestant else f"{middle(peer, 'seconds') / median:.2f}× as fast")
            # The starter of processes spends nothing itself.
            cells.append("" if starts else show(cpu))
            cells.append("" if starts or peer is contestant else f"{cpu / middle(peer, 'cpu'):.2f}×")
            cells.append(show(middle(contestant, "main_thread")) if "main_thread" in contestant.figures and not starts else "")
            cells.append("" if starts else f"{middle(contestant, 'peak_kib') / 1024:.0f} MiB")
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, *(["", *(f"Skipped: {name}." for name in skipped)] if skipped else []), ""])


def paced(groups: list[Any]) -> str:
    """Chats that are polled in an interval: what they cost, and how late everything is."""
    columns: list[tuple[str, str, Callable[[float], str]]] = [
        ("polls a second", "seconds", lambda seconds: f"{1 / seconds:,.0f}"),
        ("cores", "cores", "{:.3f}".format),
        ("main thread a poll", "main_thread", show),
        ("loop's delay, p99", "loop_delay_p99", show),
        ("sockets", "sockets", "{:.0f}".format),
        ("memory a chat", "bytes_a_chat", lambda size: f"{size / 1000:.1f} KB"),
        ("a poll's lateness, p99", "lateness_p99", show),
        ("answer to user, p50", "latency_p50", show),
        ("p99", "latency_p99", show),
        ("peak memory", "peak_kib", lambda kib: f"{kib / 1024:.0f} MiB"),
    ]
    lines = [f"| group | contestant | {' | '.join(name for name, *_ in columns)} |", "| --- " * (len(columns) + 2) + "|"]
    for group in groups:
        for contestant in group.contestants:
            cells = [form(middle(contestant, name)) if name in contestant.figures else "" for _, name, form in columns]
            lines.append(f"| {group.name} | {contestant.name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n" if groups else ""


def memory(groups: list[Any]) -> str:
    """The most memory a process ever had, by how many records it has read."""
    sizes = sorted({size for group in groups for size in group.sizes})
    lines = [f"| peak memory | contestant | {' | '.join(f'{size:,} records' for size in sizes)} | growth a record |"]
    lines.append("| --- " * (len(sizes) + 3) + "|")
    for group in groups:
        for contestant in group.contestants:
            peaks = [contestant.figures.get(f"peak_kib at {size}") for size in sizes]
            growth = contestant.figures["growth"][0] / (group.sizes[-1] - group.sizes[0])
            cells = [f"{peak[0] / 1024:,.0f} MiB" if peak else "" for peak in peaks]
            lines.append(f"| {group.name} | {contestant.name} | {' | '.join(cells)} | {growth / 1000:.2f} KB |")
    return "\n".join(lines) + "\n" if groups else ""


def starts(groups: list[Any]) -> str:
    """Loading a package, over the bare interpreter."""
    lines = [f"| start | over bare, median | over bare, best | goal {START_MILLISECONDS} ms |", "| --- | --- | --- | --- |"]
    for group in (group for group in groups if group.unit == "starts"):
        bare, *others = group.contestants
        for contestant in others:
            median = (middle(contestant, "seconds") - middle(bare, "seconds")) * 1e3
            best = (min(contestant.figures["seconds"]) - min(bare.figures["seconds"])) * 1e3
            verdict = ("reached" if median <= START_MILLISECONDS else "missed") if contestant.name.endswith("lpchat") else ""
            lines.append(f"| {group.name}: {contestant.name} | {median:.1f} ms | {best:.1f} ms | {verdict} |")
    return "\n".join(lines) + "\n" if len(lines) > 2 else ""


def stripped(library: Path, folder: Path) -> Path:
    target = folder / f"stripped-{library.name}"
    subprocess.run(["strip", "--strip-unneeded", "-o", target, library.resolve()], check=True)
    return target


def sizes(bench: Path) -> str:
    """What is shipped, stripped of what no user needs."""
    root = bench.parents[1]
    wheel = next(iter(sorted((root / "dist").glob("*.whl"))))
    tarball = next(iter(sorted((root / "dist").glob("*.tgz"))))
    package = bench / "node/node_modules/lpchat/bindings/node"
    rows: list[tuple[str, Path, int | None]] = [
        ("library in the wheel", next((bench / "python/lpchat").glob("_native*.so")), WHEEL),
        ("Node addon", package / "lpchat.node", ADDON),
        ("C library", (bench / "prefix/lib/liblpchat.so.0").resolve(), LIBRARY),
    ]
    lines = ["| what | size | stripped | goal |", "| --- | --- | --- | --- |"]
    for name, path, goal in rows:
        size = stripped(path, bench).stat().st_size / 1e6
        verdict = "" if goal is None else f"{goal} MB: {'reached' if size <= goal else 'missed'}"
        lines.append(f"| {name} | {path.stat().st_size / 1e6:.1f} MB | {size:.1f} MB | {verdict} |")
    inside = {item.filename: item.file_size for item in zipfile.ZipFile(wheel).infolist()}
    for name in ("lpchat-sandbox", "lpchat"):
        lines.append(f"| executable `{name}` in the wheel | {inside[f'lpchat/bin/{name}'] / 1e6:.1f} MB | | |")
    for name, path in (("wheel", wheel), ("npm tarball", tarball)):
        lines.append(f"| {name}, packed | {path.stat().st_size / 1e6:.1f} MB | | |")
    return "\n".join(lines) + "\n"


def idle(folder: Path, bench: Path, environment: dict[str, str]) -> str:
    """Threads and memory of a hundred clients of which one has made a call, beside the peers'."""
    programs = {
        "Python, bare": [sys.executable, "idle_python.py", "bare"],
        "Python, lpchat": [sys.executable, "idle_python.py", "lpchat"],
        "Python, httpx": [sys.executable, "idle_python.py", "httpx"],
        "Node, fetch": ["node", str(bench / "node/idle.mjs"), "fetch"],
        "Node, lpchat": ["node", str(bench / "node/idle.mjs"), "lpchat"],
        "C, lpchat": [str(bench / "bin/idle_lpchat")],
    }
    lines = [
        "| 100 clients | threads | after a call | memory at start | imported | clients made | after a call | a client |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, command in programs.items():
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True, timeout=60)
        states = [(int(threads), int(kib)) for *_, threads, kib in map(str.split, done.stdout.splitlines())]
        threads, kib = [state[0] for state in states], [state[1] for state in states]
        cells = [name, str(threads[0]), str(threads[-1]), *(f"{size / 1024:.1f} MiB" for size in kib)]
        cells.append(f"{(kib[2] - kib[1]) / 100:.1f} KiB")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
