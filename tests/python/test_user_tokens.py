"""Acting for a user: from the address, over the browser's way back, to an agent session with the token."""

from __future__ import annotations

import http.client
from urllib.parse import parse_qs, urlsplit

from lpchat import Client, Sandbox


def come_back(url: str) -> dict[str, list[str]]:
    """What a browser that opens the address comes back with."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc, timeout=10)
    connection.request("GET", f"{address.path}?{address.query}")
    answer = connection.getresponse()
    assert answer.status == 302
    back = urlsplit(answer.headers["Location"])
    connection.close()
    assert back.netloc == "app.example"
    return parse_qs(back.query)


def test_the_access_token_is_a_bearer_for_agents() -> None:
    redirect = "https://app.example/signed-on?from=test"
    with Sandbox.start(seed=5) as sandbox, Client(sandbox.config) as client:
        url = client.agent.retrieve_authorization_url("state/1", redirect)
        back = come_back(url)
        assert back["state"] == ["state/1"] and back["from"] == ["test"]
        tokens = client.agent.exchange_code(back["code"][0], redirect)
        assert tokens.access_token not in repr(tokens) and tokens.refresh_token not in repr(tokens)
        with Client(sandbox.config, bearer=tokens.access_token) as acting:
            session = acting.agent.start_session()
            assert session.retrieve_information().id == tokens.user_id
            renewed = client.agent.refresh_tokens(tokens.refresh_token)
            assert renewed.access_token != tokens.access_token
