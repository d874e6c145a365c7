#!/usr/bin/env python3
"""Run the contestants in turns and print tables of ratios. `README.md` beside this file says what is measured."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import goals
import plot
import report
from groups import CONTESTANTS, Contestant, Group, all_groups
from services import BENCH, Services


def measure(contestant: Contestant, services: Services, records: int | None = None) -> None:
    """One round of one contestant."""
    service = services.get(contestant.service)
    service.stats()
    size = contestant.group.records if records is None else records
    environment = service.environment if size is None else {**service.environment, "RECORDS": str(size)}
    done = subprocess.run(
        contestant.command, cwd=CONTESTANTS, env=environment, capture_output=True, text=True, timeout=1800, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"{contestant.group.name}: {contestant.name} failed: {done.stderr[-2000:]}")
    result: dict[str, Any] = {**json.loads(done.stdout.splitlines()[-1]), **service.stats()}
    contestant.check = str(result.pop("check"))
    contestant.requests = result["requests"]
    if contestant.group.interval:
        result["lateness_p99"] = max(result["gap_p99"] / 1000 - contestant.group.interval, 0)
    for name, value in result.items():
        contestant.figures.setdefault(name if records is None else f"{name} at {records}", []).append(value)


def measure_memory(group: Group, services: Services) -> None:
    """Read more and more records."""
    for contestant in group.contestants:
        for records in group.sizes:
            measure(contestant, services, records)
        first, last = (contestant.figures[f"peak_kib at {size}"][0] for size in (group.sizes[0], group.sizes[-1]))
        contestant.figures["growth"] = [(last - first) * 1024]


def check_equal(group: Group, services: Services) -> None:
    """Let everybody run once; they must all get the same out of the same requests."""
    for contestant in group.contestants:
        measure(contestant, services)
    values = {contestant.name: contestant.check for contestant in group.contestants}
    if len(set(values.values())) != 1:
        raise SystemExit(f"the contestants of {group.name} do not do the same: {values}")
    counts = {contestant.name: contestant.requests for contestant in group.contestants}
    if group.tolerance is not None and max(counts.values()) - min(counts.values()) > group.tolerance:
        raise SystemExit(f"the contestants of {group.name} do not ask the same: {counts}")
    for contestant in group.contestants:
        contestant.figures.clear()


def without_unbuilt(groups: list[Group]) -> list[str]:
    """Take out who cannot run here, and give their names."""
    skipped = []
    for group in groups:
        for contestant in list(group.contestants):
            executable = contestant.command[0]
            if "/" in executable and not Path(executable).exists():
                group.contestants.remove(contestant)
                skipped.append(f"{group.name}: {contestant.name}")
                print(f"{skipped[-1]} is skipped: {executable} was not built", file=sys.stderr)
    return skipped


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="groups whose name holds this text")
    parser.add_argument("--results", type=Path, help="write the tables into this file")
    parser.add_argument("--long", action="store_true", help="read a million records, too")
    parser.add_argument("--plot", type=Path, help="draw memory against records into this file")
    arguments = parser.parse_args()
    groups = [group for group in all_groups(arguments.long) if arguments.only in group.name]
    skipped = without_unbuilt(groups)
    kinds = {kind: [group for group in groups if group.kind == kind] for kind in ("repeated", "paced", "memory")}
    services = Services()
    try:
        for group in kinds["repeated"]:
            check_equal(group, services)
        for number in range(arguments.rounds):
            print(f"round {number + 1} of {arguments.rounds}", file=sys.stderr)
            for group in kinds["repeated"] + kinds["paced"]:
                for contestant in group.contestants:
                    measure(contestant, services)
        for group in kinds["memory"]:
            measure_memory(group, services)
        idle = "" if arguments.only else report.idle(CONTESTANTS, BENCH, services.get("sandbox").environment)
    finally:
        services.close()
    parts = [
        report.versions(arguments.rounds, BENCH),
        goals.table(groups),
        report.ratios(kinds["repeated"], skipped),
        report.paced(kinds["paced"]),
        report.memory(kinds["memory"]),
        report.starts(groups),
        "" if arguments.only else report.sizes(BENCH),
        idle,
    ]
    text = "\n".join(part for part in parts if part)
    print(text)
    if arguments.results:
        arguments.results.write_text(f"# Last results\n\nMade by `make bench`. How to read them: `README.md`.\n\n{text}")
    if arguments.plot:
        plot.memory(kinds["memory"], arguments.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
