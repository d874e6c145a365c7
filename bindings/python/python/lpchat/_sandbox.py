"""A sandbox as a child process."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Any

# The rest of the standard library is imported where it is needed: whoever has an account never pays for it.


class SandboxConfig(str):
    """The configuration line of a running sandbox; `Client(sandbox.config)` takes it. It holds the sandbox's credentials."""

    __slots__ = ()

    def __repr__(self) -> str:
        import json

        return f"SandboxConfig(account {json.loads(self)['account_id']} at {json.loads(self)['domain_origin']})"


class Sandbox:
    """A running `lpchat-sandbox`, the emulator of the service. It ends with its scope, or with this process.

    ```python
    with Sandbox.start(seed=7) as sandbox, Client(sandbox.config) as client:
        ...
    ```
    """

    def __init__(self, process: subprocess.Popen[str], config: SandboxConfig) -> None:
        self._process = process
        self.config = config

    @classmethod
    def start(
        cls,
        *,
        seed: int | None = None,
        engagements: int | None = None,
        base_date: str | None = None,
        switches: Mapping[str, str | int] | None = None,
        data: str | os.PathLike[str] | None = None,
        path: str | os.PathLike[str] | None = None,
    ) -> Sandbox:
        """Start a sandbox on a free port of the loopback interface.

        * `seed`: the same seed gives the same data and ids.
        * `engagements`: how many engagements its history holds.
        * `base_date`: the sandbox's today, such as `2026-03-31`; generated history lies before it.
        * `switches`: behaviour where the service's is uncertain; `lpchat-sandbox --list-switches` names them.
        * `data`: a file to keep the history in; memory when absent.
        * `path`: the executable; found by itself when absent.
        """
        import subprocess

        command = [str(path) if path is not None else _executable(), "--port", "0"]
        for option, value in (("--seed", seed), ("--engagements", engagements), ("--base-date", base_date), ("--data", data)):
            if value is not None:
                command += [option, str(value)]
        for name, value in (switches or {}).items():
            command += ["--switch", f"{name}={value}"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            _, complaint = process.communicate()
            raise RuntimeError(f"lpchat-sandbox did not start (exit code {process.returncode}): {complaint.strip()}")
        assert process.stderr is not None
        process.stderr.close()
        return cls(process, SandboxConfig(line.strip()))

    @property
    def origin(self) -> str:
        """The address of the sandbox, such as `http://127.0.0.1:43121`."""
        import json

        origin = json.loads(self.config)["domain_origin"]
        return str(origin)

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock forward; what falls due meanwhile happens."""
        self.admin("POST", "/admin/clock", {"advance_ms": int(seconds * 1000)})

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        """Call the sandbox's admin interface, which its README describes, and give the answer's JSON."""
        import json
        import urllib.request

        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.origin + path, data=data, method=method, headers={"Content-Type": "application/json"}
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as response:
            text = response.read()
        return json.loads(text) if text else None

    def close(self) -> None:
        """End the sandbox."""
        import subprocess

        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Sandbox({self.origin})"


def _executable() -> str:
    import shutil
    from pathlib import Path

    name = "lpchat-sandbox.exe" if sys.platform == "win32" else "lpchat-sandbox"
    named = os.environ.get("LPCHAT_SANDBOX")
    beside = Path(__file__).with_name("bin") / name
    for candidate in (named, str(beside) if beside.exists() else None, shutil.which(name)):
        if candidate:
            return candidate
    raise FileNotFoundError(
        "The executable lpchat-sandbox was not found: it comes with the wheel, is named by the variable LPCHAT_SANDBOX, "
        "or is looked for on PATH (`cargo build -p lpchat-sandbox` makes it)."
    )
