"""The pytest fixture `lpchat_sandbox`: a fresh sandbox for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lpchat import Sandbox


@pytest.fixture
def lpchat_sandbox() -> Iterator[Sandbox]:
    """A running sandbox with little history, ended after the test."""
    with Sandbox.start(seed=1, engagements=200) as sandbox:
        yield sandbox
