#!/usr/bin/env python3
"""Check that the README's quickstarts are the files in `examples/quickstart/`, at most twelve lines of code, and run each.

`run.py LANGUAGE=COMMAND …`: `{}` in a command stands for the line that a running sandbox prints, as one argument.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = {
    "python": "quickstart.py",
    "rust": "quickstart.rs",
    "js": "quickstart.mjs",
    "c": "quickstart.c",
    "cpp": "quickstart.cpp",
    "kotlin": "Quickstart.kt",
}
MOST_LINES = 12


def problems(language: str, command: str, readme: str, sandbox_line: str) -> str | None:
    """What is wrong with one quickstart."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", readme, re.M | re.S)
    if not blocks:
        return "the README has none"
    file = ROOT / "examples/quickstart" / FILES[language]
    if blocks[0] != file.read_text():
        return f"the README's and {file.relative_to(ROOT)} differ"
    preamble = ("#include", "import ", "from ", "use ")
    lines = [line for line in blocks[0].splitlines() if line.strip() and not line.strip().startswith(preamble)]
    if len(lines) > MOST_LINES:
        return f"it has {len(lines)} lines of code, more than {MOST_LINES}"
    words = [sandbox_line if word == "{}" else word for word in shlex.split(command)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, timeout=300, check=False)
    if done.returncode != 0 or not done.stdout.strip():
        return f"it ends with {done.returncode}: {done.stdout[-500:]}{done.stderr[-2000:]}"
    print(f"{language}: {done.stdout.strip()}")
    return None


def main() -> int:
    readme = (ROOT / "README.md").read_text()
    sandbox = subprocess.Popen(
        [os.environ["LPCHAT_SANDBOX"], "--port", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert sandbox.stdout is not None and sandbox.stdin is not None
    line = sandbox.stdout.readline().strip()
    failed = 0
    for argument in sys.argv[1:]:
        language, command = argument.split("=", 1)
        reason = problems(language, command, readme, line)
        if reason is not None:
            failed += 1
            print(f"FAILED {language}: {reason}")
    sandbox.stdin.close()
    sandbox.wait(timeout=10)
    print(f"quickstarts: {len(sys.argv) - 1 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
