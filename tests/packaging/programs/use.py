"""What a newcomer does with the installed wheel: no account, no checkout, no further package."""

from datetime import datetime, timedelta, timezone

import lpchat
from lpchat import Client, LpchatError, Sandbox

print(lpchat.__file__)
with Sandbox.start(seed=7) as sandbox, Client(sandbox.config) as client:
    chat = client.visitor.start_chat(skill="Sales")
    print(chat.retrieve_information().state)
    now = datetime.now(timezone.utc)
    result = client.history.search(start=now - timedelta(days=28), end=now)
    keys = [(it.engagement_id, it.info.engagement_sequence) for it in result]
    print(len(keys), len(set(keys)), client.history.count(start=now - timedelta(days=28), end=now))
    try:
        client.retrieve_domain("nope")
    except LpchatError as error:
        print(error.name)
    try:
        result.to_polars()
    except ImportError as error:
        print(error)
