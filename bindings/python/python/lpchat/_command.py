"""The command `lpchat`: its executable lies in the wheel, beside the sandbox's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn


def main() -> NoReturn:
    """Run the executable with this process's arguments, in its place where the system can."""
    executable = Path(__file__).with_name("bin") / ("lpchat.exe" if sys.platform == "win32" else "lpchat")
    if not executable.exists():
        sys.exit(f"lpchat: {executable} is missing: it comes with a wheel; in a checkout `cargo build -p lpchat-cli` makes it.")
    arguments = [str(executable), *sys.argv[1:]]
    if sys.platform == "win32":
        sys.exit(subprocess.run(arguments, check=False).returncode)
    sys.stdout.flush()
    os.execv(executable, arguments)
