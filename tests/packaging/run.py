#!/usr/bin/env python3
"""Install what is shipped, outside of the checkout, and use it as a newcomer would.

`run.py KIND=FILE …`: `wheel=dist/lpchat-….whl`, `tarball=dist/lpchat-….tgz`. Nothing is downloaded.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"
SEARCH_PATH = "/usr/bin:/bin"


def run(command: list[str | Path], folder: Path, path: str = SEARCH_PATH, stdin: str = "") -> str:
    """The output of a command that has nothing of this checkout in its environment."""
    environment = {"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8"}
    done = subprocess.run(
        command, cwd=folder, env=environment, input=stdin, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{command} ends with {done.returncode}: {done.stdout[-1000:]}{done.stderr[-3000:]}"
    assert not done.stderr, f"{command} complains: {done.stderr[-3000:]}"
    return done.stdout


def counts(line: str) -> None:
    """The line that says how many records there were, how many of them differ, and how many the service counts."""
    seen, different, counted = map(int, line.split())
    # The service rounds the range to ten minutes when it counts.
    assert seen == different > 50 and seen <= counted <= seen + 2, line


def wheel(file: Path, folder: Path) -> None:
    names = zipfile.ZipFile(file).namelist()
    assert "-cp310-abi3-" in file.name, file.name
    for needed in ("lpchat/py.typed", "lpchat/_native.pyi", "lpchat/bin/lpchat-sandbox", "lpchat/bin/lpchat"):
        assert needed in names, f"{needed} is not in the wheel"
    assert sum("LICENSE" in name for name in names) == 2, names
    assert not [name for name in names if name.endswith((".rs", ".toml"))], "sources in the wheel"

    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python, command = folder / "venv/bin/python", folder / "venv/bin/lpchat"
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
    run([*pip, "install", "--quiet", "--no-index", "--no-deps", file.resolve()], folder)
    origin, state, numbers, code, cure = run([python, PROGRAMS / "use.py"], folder).splitlines()
    assert Path(origin).is_relative_to(folder), origin
    assert state == "waiting" and code == "ServiceUnknown" and "pip install polars" in cure, (state, code, cure)
    counts(numbers)

    assert run([command, "--version"], folder) == run([python, "-m", "lpchat", "--version"], folder)
    talk = run([command, "--with-sandbox", "chat", "--skill", "Sales", "--quiet-ms", "800"], folder, stdin="Hello\n")
    assert ": You said: Hello" in talk, talk
    run([*pip, "uninstall", "--quiet", "--yes", "lpchat"], folder)
    left = [path for path in folder.glob("venv/lib*/python*/site-packages/lpchat*") if any(path.rglob("*.py"))]
    assert not left and not command.exists(), f"left behind: {left}"


def tarball(file: Path, folder: Path) -> None:
    node = subprocess.run(["which", "node"], capture_output=True, text=True, check=True).stdout.strip()
    path = f"{Path(node).parent}:{SEARCH_PATH}"
    (folder / "package.json").write_text('{"private": true}')
    run(["npm", "install", "--silent", "--ignore-scripts", "--offline", "--no-audit", "--no-fund", file.resolve()], folder, path)
    body = (PROGRAMS / "use.body.js").read_text()
    names = "{ Client, LpchatError, Sandbox }"
    (folder / "use.mjs").write_text(f"import {names} from 'lpchat';\n{body}")
    (folder / "use.cjs").write_text(f"const {names} = require('lpchat');\n(async () => {{\n{body}}})();\n")
    for program in ("use.mjs", "use.cjs"):
        state, numbers, refused = run([node, program], folder).splitlines()
        assert state == "waiting" and refused == "true LPCHAT_SERVICE_UNKNOWN", (program, state, refused)
        counts(numbers)


KINDS: dict[str, Callable[[Path, Path], None]] = {"wheel": wheel, "tarball": tarball}


def main() -> int:
    for argument in sys.argv[1:]:
        kind, file = argument.split("=", 1)
        with tempfile.TemporaryDirectory(prefix="lpchat-packaging-") as folder:
            KINDS[kind](Path(file), Path(folder).resolve())
        print(f"{kind}: {os.path.getsize(file) / 1e6:.1f} MB installs and works outside of the checkout")
    return 0


if __name__ == "__main__":
    sys.exit(main())
