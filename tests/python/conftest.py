"""What the Python tests share. The fixture `lpchat_sandbox` comes from the package's own pytest plugin."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lpchat import Client, Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for the tests of a module, with scripted agents who do not dawdle."""
    with Sandbox.start(
        seed=7, engagements=600, base_date="2026-06-15", switches={"agent_accept_ms": 20, "agent_answer_ms": 20}
    ) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    with Client(sandbox.config) as made:
        yield made


@pytest.fixture
def faults(sandbox: Sandbox) -> Iterator[Callable[..., None]]:
    """Plans faults, and takes them back after the test."""

    def plan(route: str, action: dict[str, Any], **more: Any) -> None:
        sandbox.admin("POST", "/admin/faults", [{"route": route, "times": 1000, "action": action, **more}])

    yield plan
    sandbox.admin("DELETE", "/admin/faults")


def eventually(condition: Callable[[], Any], seconds: float = 5.0) -> Any:
    """The first true value of `condition` within the time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end:
            assert value, "it did not happen in time"
            return value
        time.sleep(0.01)
