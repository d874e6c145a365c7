"""Logging, metrics and secrets."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator

import lpchat
import pytest
from lpchat import Client, LpchatError, Sandbox


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    lpchat.set_log_level(logging.DEBUG)
    yield caplog
    lpchat.set_log_level(None)


def test_records_go_to_the_logger_of_the_standard_library(
    client: Client, log: pytest.LogCaptureFixture, faults: Callable[..., None]
) -> None:
    faults("domain.service", {"status": 503})
    with pytest.raises(LpchatError):
        client.retrieve_domain("agentVep", retries=0)
    messages = [(record.name, record.levelname, record.getMessage()) for record in log.records]
    assert any(name == "lpchat" and "Client.retrieve_domain" in text and "503" in text for name, _, text in messages)


def test_nothing_is_logged_unless_asked_for(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.retrieve_domains()
    assert not caplog.records


def test_metrics_count(sandbox: Sandbox) -> None:
    with Client(sandbox.config) as client:
        client.retrieve_domains()
        metrics = client.metrics
        assert (metrics.calls, metrics.requests, metrics.retries, metrics.in_flight) == (1, 1, 0, 0)
        assert metrics.bytes_received > 100


def test_no_secret_in_any_output(
    sandbox: Sandbox, log: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], faults: Callable[..., None]
) -> None:
    line = json.loads(sandbox.config)
    secrets = [line[name] for name in ("app_key", "password", "client_secret", "oauth1_consumer_secret", "oauth1_token_secret")]
    shown: list[str] = []
    with Client(sandbox.config) as client:
        chat = client.visitor.start_chat(skill="Sales")
        session = client.agent.start_session()
        shown += [
            repr(client),
            repr(chat),
            repr(session),
            repr(client.agent.login()),
            repr(client.metrics),
            repr(chat.retrieve_information()),
        ]
        shown.append(repr(client.history.count(start="2026-06-01", end="2026-06-02")))
        # A service that echoes what it was sent must not make us repeat it.
        for secret in secrets:
            faults("visitor.info", {"status": 400, "json": {"error": {"message": f"bad request: {secret}", "internalCode": 1}}})
            with pytest.raises(LpchatError) as caught:
                chat.retrieve_information()
            shown += [str(caught.value), repr(caught.value), repr(caught.value.details()), repr(caught.value.__reduce__())]
            sandbox.admin("DELETE", "/admin/faults")
    with pytest.raises(LpchatError) as caught:
        Client(sandbox.config, password="sandbox-secret-wrong").agent.login()
    shown += [str(caught.value), repr(caught.value.details())]
    output = capfd.readouterr()
    shown += [output.out, output.err, *(record.getMessage() for record in log.records)]
    everything = "\n".join(shown)
    assert "Client.close" in everything or "VisitorChat" in everything, "the log is there to be searched"
    for secret in [*secrets, "sandbox-secret-wrong"]:
        assert secret not in everything
