from datetime import datetime, timedelta, timezone

from lpchat import Client, Sandbox

with Sandbox.start(seed=7) as sandbox, Client(sandbox.config) as client:
    chat = client.visitor.start_chat(skill="Sales", pre_chat_lines=["Order 42"])
    print(chat.retrieve_information().state)

    now = datetime.now(timezone.utc)
    result = client.history.search(start=now - timedelta(days=28), end=now, keyword='"money back"')
    print(result.to_polars().select("start_time", "skill_name", "agent_nickname"))
