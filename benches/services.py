"""The services that contestants ask, each a process with no proxy between it and them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
BENCH = ROOT / "target" / "bench"
SANDBOX = [str(BENCH / "bin/lpchat-sandbox"), "--port", "0", "--engagements", "16000", "--base-date", "2026-06-01"]
SERVER = str(BENCH / "bin/bench-chat")
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Service:
    """The emulator, or the server that costs as little as possible."""

    def __init__(self, command: list[str], core: int | None, files: str) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if core is not None:
            os.sched_setaffinity(self.process.pid, {core})
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline().strip()
        self.origin = json.loads(self.line)["admin_origin"]
        self.is_sandbox = command is SANDBOX
        self.environment = {
            **{name: value for name, value in os.environ.items() if not re.match("(?i).*_proxy$|^LPCHAT_", name)},
            "SANDBOX_LINE": self.line,
            "PYTHONPATH": str(BENCH / "python"),
            "TMPDIR": files,
        }

    def stats(self) -> dict[str, Any]:
        """What it has seen since this was asked last: how many requests, and of the server when."""
        if not self.is_sandbox:
            with OPENER.open(f"{self.origin}/stats") as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        with OPENER.open(f"{self.origin}/admin/requests") as answer:
            count = len(json.load(answer))
        OPENER.open(urllib.request.Request(f"{self.origin}/admin/requests", method="DELETE")).close()
        return {"requests": count}

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=10)


class Services:
    """Those that are needed, started when they are. With more than one core the last one is theirs alone."""

    def __init__(self) -> None:
        cores = sorted(os.sched_getaffinity(0))
        self._core = cores[-1] if len(cores) > 1 else None
        if self._core is not None:
            os.sched_setaffinity(0, set(cores[:-1]))
        self._running: dict[str, Service] = {}
        # What contestants write is kept to the end: a file system is slow to make files where others were just deleted, and
        # that would be measured of whoever makes the most.
        self.files = tempfile.TemporaryDirectory(dir=BENCH)

    def get(self, name: str) -> Service:
        """`sandbox`, `chat EVENTS [STALLED_EVERY]`, or `history RECORDS [FAILS_EVERY]`."""
        if name not in self._running:
            self._running[name] = Service(self._command(name), self._core, self.files.name)
        return self._running[name]

    def _command(self, name: str) -> list[str]:
        kind, *words = name.split()
        match kind:
            case "sandbox":
                return SANDBOX
            case "chat":
                return [SERVER, "serve", *words]
            case _:
                records, *fails_every = words
                return [SERVER, "serve", "0", "0", records, str(self._records()), *fails_every]

    def _records(self) -> Path:
        """Records of the emulator's generator, one a line."""
        path = BENCH / "records.jsonl"
        if not path.exists():
            path.write_text("\n".join(generated_records(self.get("sandbox"))))
        return path

    def close(self) -> None:
        for service in self._running.values():
            service.close()
        self.files.cleanup()


def generated_records(sandbox: Service) -> list[str]:
    """Records as the emulator makes them, every tenth with four times the lines: of 4 to 60 KB, 14 on the average."""
    line = json.loads(sandbox.line)
    account, origin = line["account_id"], line["domain_origin"]

    def post(path: str, document: object, headers: dict[str, str]) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json", **headers}
        request = urllib.request.Request(f"{origin}{path}", json.dumps(document).encode(), headers)
        with OPENER.open(request) as answer:
            return json.load(answer)

    login = post(f"/api/account/{account}/login?v=1.3", {name: line[name] for name in ("username", "password")}, {})
    everything = {"start": {"from": 1_777_593_600_000, "to": 1_780_272_000_000}}
    path = f"/interaction_history/api/account/{account}/interactions/search?limit=100&sort=start:asc,engagementId:asc&offset="
    records: list[str] = []
    for offset in range(0, 1000, 100):
        page = post(f"{path}{offset}", everything, {"Authorization": f"Bearer {login['bearer']}"})
        for record in page["interactionHistoryRecords"]:
            if len(records) % 10 == 0:
                record["transcript"]["lines"] *= 4
            records.append(json.dumps(record, ensure_ascii=False, separators=(",", ":")))
    return records
