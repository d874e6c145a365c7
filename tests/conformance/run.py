#!/usr/bin/env python3
"""Drive the conformance cases through the runner of each language. `README.md` beside this file describes both."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
INTERFACE = json.loads((HERE / "interface.json").read_text())
# A runner that says nothing for so long hangs.
PATIENCE_SECONDS = 60


def runners() -> dict[str, list[str]]:
    """The command of each language's runner."""
    target = os.environ.get("LPCHAT_CONFORMANCE_BIN", str(ROOT / "target" / "conformance"))
    python = os.environ.get("LPCHAT_PYTHON", sys.executable)
    return {
        "rust": [f"{target}/rust-runner"],
        "python-sync": [python, str(HERE / "runners/python_runner.py"), "sync"],
        "python-async": [python, str(HERE / "runners/python_runner.py"), "async"],
        "node": ["node", str(HERE / "runners/node_runner.mjs")],
        "c": [f"{target}/c-runner"],
        "cpp": [f"{target}/cpp-runner"],
        "kotlin": [str(HERE / "runners/kotlin/run.sh")],
    }


# Runners whose language has a log hook: they write what it hears to standard error, each record on a line of this form.
LOGGING = {"rust", "python-sync", "python-async", "node", "c", "cpp"}
LOG_LINE = "log "
# Every secret of the sandbox is a canary, and so is the application's client id, which is none: see `sandbox/README.md`.
SECRET = re.compile(r"sandbox-secret|facade\d")


class Mismatch(Exception):
    """A result differs from what the case expects."""


class Sandbox:
    """A sandbox process for one case."""

    def __init__(self, executable: str, switches: dict[str, Any], options: list[str], base_date: str) -> None:
        command = [executable, "--port", "0", "--seed", "5", "--engagements", "400", *options]
        # The sandbox begins today unless it is told otherwise.
        if base_date != "today":
            command += ["--base-date", base_date]
        for name, value in switches.items():
            command += ["--switch", f"{name}={value}"]
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        except FileNotFoundError:
            raise SystemExit(f"There is no {executable}: `make sandbox` builds it; name it with --sandbox.") from None
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline().strip()
        if not self.line:
            raise SystemExit(f"the sandbox did not start: {command}")
        self.config = json.loads(self.line)

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.config["admin_origin"] + path, data, {"Content-Type": "application/json"}, method=method
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            raise Mismatch(f"the sandbox refuses {method} {path}: {error.read().decode()}") from None
        return json.loads(text) if text else None

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=10)


class Runner:
    """A language's runner."""

    def __init__(self, command: list[str], sandbox: dict[str, Any]) -> None:
        self.client_id: str = sandbox["client_id"]
        # What is never handed out. Tokens are, where they were asked for: an answer may hold them, a log or an error never.
        canaries = {text for text in sandbox.values() if isinstance(text, str) and SECRET.search(text)}
        self.secrets = canaries - {self.client_id}
        # A file, so that a runner never waits for somebody to read its log.
        self.errors = tempfile.TemporaryFile(mode="w+")  # noqa: SIM115
        self.said: list[str] = []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True)

    def send(self, fields: list[str]) -> dict[str, Any]:
        escape = {"\\": "\\\\", "\t": "\\t", "\n": "\\n"}
        line = "\t".join("".join(escape.get(character, character) for character in field) for field in fields)
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Mismatch(f"the runner died: {self.complaint()}") from None
        answer = self.process.stdout.readline()
        if not answer:
            raise Mismatch(f"the runner died: {self.complaint()}")
        self.said.append(answer)
        document: dict[str, Any] = json.loads(answer)
        return document

    def complaint(self) -> str:
        """What stands on standard error beside the log."""
        self.process.communicate(timeout=10)
        lines = self.log()
        return "\n".join(line for line in lines if not line.startswith(LOG_LINE)).strip()[-2000:]

    def log(self) -> list[str]:
        self.errors.seek(0)
        return self.errors.read().splitlines()

    def close(self, logs: bool) -> None:
        """End the runner. Anything but log records on its standard error is a failure, and so is a secret anywhere."""
        try:
            self.process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Mismatch("the runner did not end when its input ended") from None
        if self.process.returncode != 0 or self.complaint():
            raise Mismatch(f"the runner ended with {self.process.returncode} and said: {self.complaint()}")
        log = self.log()
        if logs and not log:
            raise Mismatch("the runner's log is empty")
        given = re.compile("|".join(map(re.escape, self.secrets)))
        for text in [*self.said, *log]:
            answered = text.startswith('{"ok"')
            if found := (given if answered else SECRET).search(text.replace(self.client_id, "CLIENT-ID")):
                raise Mismatch(f"a secret is shown: {shorten(text[max(0, found.start() - 200) : found.end()])}")


def encode(key: str, value: Any, kind: Any) -> list[str]:
    """The fields of one argument."""
    if value is None:
        return []
    if isinstance(kind, str):
        kind = INTERFACE["records"].get(kind, kind)
    if isinstance(kind, list):
        return [field for index, item in enumerate(value) for field in encode(f"{key}.{index}", item, kind[0])]
    if isinstance(kind, dict):
        unknown = set(value) - set(kind)
        if unknown:
            raise Mismatch(f"the case names unknown members {unknown}")
        return [field for name, item in value.items() for field in encode(f"{key}.{name}", item, kind[name])]
    if kind == "map":
        return [f"{key}.{name}=s:{item}" for name, item in value.items()]
    letter = {"text": "s", "int": "i", "float": "f", "bool": "b", "time": "t", "duration": "d"}[kind]
    text = json.dumps(value) if letter == "b" else str(value)
    return [f"{key}={letter}:{text}"]


def describe(operation: str) -> dict[str, Any]:
    face, name = operation.split(".")
    try:
        method: dict[str, Any] = INTERFACE["objects"][face][name]
    except KeyError:
        raise Mismatch(f"the interface has no {operation}") from None
    return method


def command_of(step: dict[str, Any], saved: dict[str, Any]) -> list[str]:
    method = describe(step["call"])
    fields = [step["call"], f"@={step.get('on', 'client')}"]
    if "as" in step:
        fields.append(f">={step['as']}")
    for name, value in step.get("arguments", {}).items():
        if name not in method["arguments"]:
            raise Mismatch(f"{step['call']} takes no {name}")
        fields += encode(name, fill(value, saved), method["arguments"][name])
    for name, value in step.get("options", {}).items():
        kind = {"timeout": "duration", "retries": "int", "headers": "map"}[name]
        fields += ["?" + field for field in encode(name, value, kind)]
    return fields


def fill(value: Any, saved: dict[str, Any]) -> Any:
    if isinstance(value, str):
        whole = re.fullmatch(r"\{(\w+)\}", value)
        if whole:
            return saved[whole[1]]
        return re.sub(r"\{(\w+)\}", lambda match: str(saved.get(match[1], match[0])), value)
    if isinstance(value, list):
        return [fill(item, saved) for item in value]
    return {name: fill(item, saved) for name, item in value.items()} if isinstance(value, dict) else value


def compare(expected: Any, found: Any, path: str) -> None:
    """Raise `Mismatch` unless `found` is what `expected` describes."""
    if isinstance(expected, dict) and any(name.startswith("#") for name in expected):
        return compare_matcher(expected, found, path)
    if isinstance(expected, str) and expected.startswith("#"):
        fits = {
            "#any": True,
            "#text": isinstance(found, str),
            "#int": isinstance(found, int) and not isinstance(found, bool),
            "#absent": found is None or found == [],
        }[expected]
        if not fits:
            raise Mismatch(f"{path} is {found!r}, not {expected}")
        return
    if isinstance(expected, dict):
        if not isinstance(found, dict):
            raise Mismatch(f"{path} is {found!r}, not an object")
        for name, value in expected.items():
            compare(value, found.get(name), f"{path}.{name}")
        return
    if isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            raise Mismatch(f"{path} is {shorten(found)}, not a list of {len(expected)}")
        for index, (value, item) in enumerate(zip(expected, found, strict=True)):
            compare(value, item, f"{path}[{index}]")
        return
    if expected != found or isinstance(expected, bool) != isinstance(found, bool):
        raise Mismatch(f"{path} is {shorten(found)}, not {expected!r}")


def compare_matcher(expected: dict[str, Any], found: Any, path: str) -> None:
    ((matcher, wanted),) = expected.items()
    if matcher == "#count":
        if not isinstance(found, list) or len(found) != wanted:
            raise Mismatch(f"{path} has {len(found) if isinstance(found, list) else 'no'} items, not {wanted}")
    elif matcher == "#like":
        if not isinstance(found, str) or not re.search(wanted, found):
            raise Mismatch(f"{path} is {found!r}, not like {wanted!r}")
    elif matcher == "#some":
        rest = iter(found if isinstance(found, list) else [])
        for index, value in enumerate(wanted):
            if not any(matches(value, item) for item in rest):
                raise Mismatch(f"{path} lacks item {index}, {value!r}, in its place: {shorten(found)}")
    else:
        raise Mismatch(f"the case has the unknown matcher {matcher}")


def matches(expected: Any, found: Any) -> bool:
    try:
        compare(expected, found, "")
    except Mismatch:
        return False
    return True


def shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 600 else text[:600] + "…"


def check(step: dict[str, Any], answer: dict[str, Any], saved: dict[str, Any]) -> None:
    if "error" in step:
        if "error" not in answer:
            raise Mismatch(f"no error, but {shorten(answer)}")
        compare(fill(step["error"], saved), answer["error"], "error")
        return
    if "ok" not in answer:
        raise Mismatch(f"the error {shorten(answer.get('error'))}")
    if "value" in step:
        compare(fill(step["value"], saved), answer["ok"], "value")


def take(value: Any, path: str) -> Any:
    for part in path.split(".") if path else []:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def perform(step: dict[str, Any], runner: Runner, sandbox: Sandbox, saved: dict[str, Any]) -> None:
    if "admin" in step:
        method, path, *body = step["admin"]
        found = sandbox.admin(method, path, fill(body[0], saved) if body else None)
        if "value" in step:
            compare(fill(step["value"], saved), found, "admin")
        return
    if "pause_ms" in step:
        time.sleep(step["pause_ms"] / 1000)
        return
    end = time.monotonic() + step.get("until_ms", 0) / 1000
    while True:
        answer = runner.send(command_of(step, saved))
        try:
            check(step, answer, saved)
            break
        except Mismatch:
            if time.monotonic() >= end:
                raise
            time.sleep(0.03)
    for name, path in step.get("save", {}).items():
        saved[name] = take(answer["ok"], path)


def last_days(now: str) -> dict[str, int]:
    """Midnights and noons of the days before now, in milliseconds, by how many days they lie back."""
    today = datetime.fromisoformat(now.replace("Z", "+00:00"))
    hours = {"day": 0, "noon": 12}
    times = {
        f"{name}_{days}": today.replace(hour=hour, minute=0, second=0, microsecond=0) - timedelta(days=days)
        for name, hour in hours.items()
        for days in range(30)
    }
    return {name: int(time.timestamp() * 1000) for name, time in times.items()}


def run_case(case: dict[str, Any], language: str, command: list[str], executable: str) -> str | None:
    """Run one case; the reason of its failure, if it fails."""
    base_date = case.get("base_date", "2026-06-15")
    sandbox = Sandbox(executable, case.get("switches", {}), case.get("sandbox_options", []), base_date)
    runner = Runner(command, sandbox.config)
    folder = tempfile.TemporaryDirectory()
    where = "start"
    try:
        given = fill(case.get("client", {}), sandbox.config)
        options = {"server_error_pauses": [4, 4, 4], "throttle_pause": 4, **given, "sandbox": sandbox.line}
        fields = ["Client.new", ">=client"]
        for name, value in options.items():
            fields += encode(name, value, INTERFACE["client_options"][name])
        answer = runner.send(fields)
        if "client_error" in case:
            check({"error": case["client_error"]}, answer, {})
        else:
            check({}, answer, {})
        saved: dict[str, Any] = {
            "account": sandbox.config["account_id"],
            "origin": sandbox.config["domain_origin"],
            "temporary": folder.name,
            **last_days(sandbox.config["now"]),
        }
        for index, step in enumerate(case["steps"]):
            where = f"step {index} ({step.get('call') or step.get('admin', ['pause'])[0]})"
            perform(step, runner, sandbox, saved)
        where = "end"
        # Without a client there is nothing to log.
        runner.close(logs=language in LOGGING and "client_error" not in case)
    except Mismatch as mismatch:
        return f"{where}: {mismatch}"
    finally:
        runner.process.kill()
        runner.process.wait()
        runner.errors.close()
        sandbox.close()
        folder.cleanup()
    return None


def load_cases(only: str | None) -> list[dict[str, Any]]:
    cases = []
    for path in sorted((HERE / "cases").glob("*.json")):
        for case in json.loads(path.read_text()):
            case["file"] = path.stem
            if only is None or only in f"{path.stem}: {case['name']}":
                cases.append(case)
    return cases


def uncovered(cases: list[dict[str, Any]]) -> list[str]:
    """Operations that no case calls."""
    called = {step["call"] for case in cases for step in case["steps"] if "call" in step}
    operations = {
        f"{face}.{name}" for face, methods in INTERFACE["objects"].items() for name, method in methods.items() if method["retry"]
    }
    return sorted(operations - called)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sandbox", default=os.environ.get("LPCHAT_SANDBOX", "lpchat-sandbox"), help="the sandbox executable")
    parser.add_argument("--only", help="run the cases whose name holds this text")
    parser.add_argument("languages", nargs="*", default=list(runners()))
    arguments = parser.parse_args()
    cases = load_cases(arguments.only)
    passed, failures = 0, []
    if arguments.only is None:
        for operation in uncovered(cases):
            failures.append(f"{operation} has no case in tests/conformance/cases")
    width = max((len(f"{case['file']}: {case['name']}") for case in cases), default=0)
    print(" " * width, *arguments.languages, sep="  ")
    # Each run has a sandbox and a runner of its own, so that languages can take the same case at the same time.
    pool = ThreadPoolExecutor(os.cpu_count())
    for case in cases:
        marks = []
        runs = {name: pool.submit(run_case, case, name, runners()[name], arguments.sandbox) for name in arguments.languages}
        for language, run in runs.items():
            reason = run.result()
            passed += reason is None
            if reason is not None:
                failures.append(f"{case['file']}: {case['name']} in {language}: {reason}")
            marks.append(("ok" if reason is None else "FAILED").ljust(len(language)))
        print(f"{case['file']}: {case['name']}".ljust(width), *marks, sep="  ", flush=True)
    for failure in failures:
        print(f"FAILED {failure}")
    print(f"conformance: {passed} passed, {len(failures)} failed")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
