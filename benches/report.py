"""The tables that the driver writes."""

from __future__ import annotations

import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

PEERS = ["httpx", "orjson", "requests", "pandas", "polars", "pyarrow", "numpy"]
# The goals of a library's size.
WHEEL, ADDON, LIBRARY = 12, 8, 8
START_MILLISECONDS = 15


def show(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.1f} ms"


def output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def processor() -> str:
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def versions(rounds: int, bench: Path) -> str:
    curl = re.search(r"libcurl/(\S+)", output(["curl", "--version"])) if shutil.which("curl") else None
    header = next((bench / "prefix/include").glob("lpchat.h"))
    own = re.search(r'LPCHAT_VERSION "(.*)"', header.read_text())
    assert own is not None
    libraries = ", ".join(f"{name} {version(name)}" for name in PEERS)
    return (
        f"{rounds} rounds; lpchat {own[1]}, release build; Python {platform.python_version()} with {libraries}; "
        f"Node {output(['node', '--version'])}; libcurl {curl[1] if curl else '?'}; {output(['rustc', '--version'])}; "
        f"{os.cpu_count()} cores of {processor()}, Linux {platform.release().split("-")[0]}, load {os.getloadavg()[0]:.1f} at the end.\n"
    )


def ratios(contestants: list[Any], skipped: list[str]) -> str:
    lines = [
        "| group | contestant | median | best | a second | ratio to the peer | CPU | ratio | peak memory |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    peers: dict[str, Any] = {}
    for contestant in contestants:
        peer = peers.setdefault(contestant.group, contestant)
        median, cpu = statistics.median(contestant.seconds), statistics.median(contestant.cpu)
        starts = contestant.unit == "starts"
        cells = [contestant.group, contestant.name, show(median), show(min(contestant.seconds))]
        cells.append("" if starts else f"{contestant.units / median:,.0f} {contestant.unit}")
        cells.append("—" if peer is contestant else f"{statistics.median(peer.seconds) / median:.2f}× as fast")
        # The starter of processes spends nothing itself.
        cells.append("" if starts else show(cpu))
        cells.append("" if starts or peer is contestant else f"{cpu / statistics.median(peer.cpu):.2f}×")
        cells.append("" if starts else f"{statistics.median(contestant.peak_kib) / 1024:.0f} MiB")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, *(["", *(f"Skipped: {name}." for name in skipped)] if skipped else []), ""])


def starts(contestants: list[Any]) -> str:
    """Loading a package, over the bare interpreter."""
    lines = [f"| start | over bare, median | over bare, best | goal {START_MILLISECONDS} ms |", "| --- | --- | --- | --- |"]
    bare: dict[str, Any] = {}
    for contestant in (contestant for contestant in contestants if contestant.unit == "starts"):
        peer = bare.setdefault(contestant.group, contestant)
        if peer is contestant:
            continue
        median = (statistics.median(contestant.seconds) - statistics.median(peer.seconds)) * 1e3
        best = (min(contestant.seconds) - min(peer.seconds)) * 1e3
        verdict = ("reached" if median <= START_MILLISECONDS else "missed") if contestant.name.endswith("lpchat") else ""
        lines.append(f"| {contestant.group}: {contestant.name} | {median:.1f} ms | {best:.1f} ms | {verdict} |")
    return "\n".join(lines) + "\n" if bare else ""


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
