"""What the client reads out of a history is what is in it: counts, keys, order and tables, against the sandbox's own truth.

`LPCHAT_SEEDS` says how many histories are generated; `make test-long` asks for many.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from lpchat import Client, Engagement, Sandbox

SEEDS = int(os.environ.get("LPCHAT_SEEDS", "2"))
TEN_MINUTES = timedelta(minutes=10)
Key = tuple[str, int | None, int | None]


def key(record: Engagement) -> Key:
    return record.engagement_id, record.info.engagement_set, record.info.engagement_sequence


@pytest.fixture(params=range(SEEDS))
def history(request: pytest.FixtureRequest) -> Iterator[tuple[random.Random, Client, Sandbox, datetime]]:
    """A history of a size, time and dialect that follow from the seed."""
    choice = random.Random(request.param)
    today = date(2025, 1, 1) + timedelta(days=choice.randrange(900))
    switches = {
        "dialect": choice.choice(["2018", "2017", "2015", "mixed"]),
        "oddities": choice.choice(["on", "off"]),
        "empty_page": choice.choice(["array", "absent", "204"]),
        "href_host": choice.choice(["own", "foreign"]),
    }
    # Now and then so many that a range takes more than a page.
    size = 3000 if request.param % 10 == 9 else choice.randrange(1, 300)
    with (
        Sandbox.start(seed=request.param, engagements=size, base_date=today.isoformat(), switches=switches) as sandbox,
        Client(sandbox.config) as client,
    ):
        yield choice, client, sandbox, datetime(today.year, today.month, today.day, tzinfo=timezone.utc)


def windows(choice: random.Random, today: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The retained time in ranges that the service accepts, without a gap."""
    start = today - timedelta(days=400)
    while start < today:
        end = min(start + choice.randrange(1, 31 * 144 + 1) * TEN_MINUTES, today)
        yield start, end
        start = end


def truth(sandbox: Sandbox, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """What the sandbox holds of the range, which ends before its end."""
    milliseconds = [int(time.timestamp() * 1000) for time in (start, end)]
    keys: list[dict[str, Any]] = sandbox.admin("GET", f"/admin/history/keys?from={milliseconds[0]}&to={milliseconds[1] - 1}")
    return keys


def test_what_is_read_is_what_is_there(history: tuple[random.Random, Client, Sandbox, datetime]) -> None:
    choice, client, sandbox, today = history
    seen: Counter[Key] = Counter()
    for start, end in windows(choice, today):
        expected = truth(sandbox, start, end)
        result = client.history.search(start=start, end=end, page_size=choice.randrange(1, 101))
        records = result.records()
        assert sorted(map(key, records)) == sorted(
            (record["engagementId"], record["engagementSet"], record["engagementSequence"]) for record in expected
        )
        starts = [record.start_time for record in records]
        assert [int(time.timestamp() * 1000 + 0.5) for time in starts if time] == [record["startTimeL"] for record in expected]
        # On the service's grid of ten minutes it counts exactly what the range holds.
        assert result.count() == client.history.count(start=start, end=end) == len(records)
        check_table(result.to_arrow(), records)
        check_filters(choice, client, start, end, records)
        seen.update(map(key, records))
    assert seen and max(seen.values()) == 1, "neighbouring ranges share no record"
    assert len(seen) == len(truth(sandbox, today - timedelta(days=400), today))


def check_table(table: Any, records: list[Engagement]) -> None:
    assert table.column("engagement_id").to_pylist() == [record.engagement_id for record in records]
    assert table.column("line_count").to_pylist() == [len(record.transcript.lines) for record in records]
    assert table.column("duration_seconds").to_pylist() == [record.info.duration_seconds for record in records]


def check_filters(choice: random.Random, client: Client, start: datetime, end: datetime, records: list[Engagement]) -> None:
    """Filters, slices and look-ups give the part of the records that they name."""
    if not records:
        return
    within: dict[str, Any] = {"start": start, "end": end}
    by_skill = Counter(record.info.skill_id for record in records)
    for skill in choice.sample(sorted(filter(None, by_skill)), k=min(3, len(by_skill) - (None in by_skill))):
        assert client.history.count(**within, skill_ids=[skill]) == by_skill[skill]
    offset, limit = choice.randrange(len(records)), choice.randrange(1, len(records) + 2)
    part = client.history.search(**within, offset=offset, limit=limit, page_size=choice.randrange(1, 101)).records()
    assert list(map(key, part)) == list(map(key, records[offset : offset + limit]))
    one = choice.choice(records)
    same = client.history.search(engagement_id=one.engagement_id).records()
    assert key(one) in map(key, same) and {record.engagement_id for record in same} == {one.engagement_id}
    assert json.dumps(one.raw) == json.dumps(next(record.raw for record in same if key(record) == key(one)))
    words = [word for line in one.transcript.lines for word in (line.text or "").split() if word.isascii() and word.isalpha()]
    if words:
        found = client.history.search(**within, keyword=choice.choice(words), page_size=100).records()
        assert key(one) in map(key, found) and set(map(key, found)) <= set(map(key, records))
