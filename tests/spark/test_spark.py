"""The data source of Spark: the same rows as a search gives, whatever the windows, and errors that say what to do."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from lpchat import Client, Sandbox
from lpchat.spark import LpchatDataSource
from pyspark.sql import DataFrame, SparkSession

from .conftest import Read

# Neither end lies on the service's grid of ten minutes.
RANGE = {"start": "2026-02-03T04:05:06.789Z", "end": "2026-06-15T07:08:09Z"}

TABLES = re.findall(r"^## `(\w+)`$", (Path(__file__).parents[2] / "docs/tables.md").read_text(encoding="utf-8"), re.MULTILINE)


def rows(table: pyarrow.Table) -> list[tuple[Any, ...]]:
    """The rows in an order of their own, whatever the unit of instants."""
    columns = [
        column.cast(pyarrow.timestamp("ms", "UTC")) if pyarrow.types.is_timestamp(column.type) else column
        for column in table.columns
    ]
    return sorted(zip(*(column.to_pylist() for column in columns), strict=True), key=repr)


def searched(sandbox: Sandbox, table: str = "engagements", **query: Any) -> pyarrow.Table:
    with Client(sandbox.config) as client:
        return client.history.search(**query).to_arrow(table)


@pytest.mark.parametrize("table", TABLES)
def test_each_table_has_the_rows_of_a_search(read: Read, sandbox: Sandbox, table: str) -> None:
    frame = read(**RANGE, table=table, window_days=7, concurrency=3)
    expected = searched(sandbox, table, **RANGE)
    found = frame.toArrow()
    assert expected.num_rows > 0
    assert found.schema.names == expected.schema.names
    assert rows(found) == rows(expected)


def test_a_record_on_the_boundary_of_windows_comes_once(read: Read, sandbox: Sandbox) -> None:
    start, end = datetime(2026, 5, 1, tzinfo=timezone.utc), datetime(2026, 6, 1, tzinfo=timezone.utc)
    skill = "777001"
    with Client(sandbox.config) as client:
        windows = client.history.plan(start=start, end=end, window_days=1)
    boundaries = [window.start for window in windows] + [end]
    assert len(boundaries) > 20
    moments = [int(moment.timestamp() * 1000) + shift for moment in boundaries for shift in (-1, 0, 1)]
    records = [
        {"info": {"engagementId": f"99000{number}", "startTimeL": moment, "endTimeL": moment + 1000, "skillId": int(skill)}}
        for number, moment in enumerate(moments)
    ]
    sandbox.admin("POST", "/admin/history", records)
    frame = read(start=start.isoformat(), end=end.isoformat(), window_days=1, skill_ids=skill, concurrency=4)
    found = sorted(frame.toArrow()["start_time"].cast(pyarrow.timestamp("ms", "UTC")).cast(pyarrow.int64()).to_pylist())
    first, last = int(start.timestamp() * 1000), int(end.timestamp() * 1000)
    assert found == sorted(moment for moment in moments if first <= moment < last)


def test_filters_are_named_as_in_a_search(read: Read, sandbox: Sandbox) -> None:
    everything = searched(sandbox, **RANGE).to_pylist()
    skills = sorted({row["skill_id"] for row in everything if row["skill_id"]})[:2]
    query = {"skill_ids": skills, "interactive": True, "chat_mcs_from": 20, "chat_mcs_to": 80, "keyword": '"money back"'}
    expected = searched(sandbox, **RANGE, **query)
    assert 0 < expected.num_rows < len(everything)
    for written in (",".join(skills), json.dumps(skills)):
        assert rows(read(**RANGE, **(query | {"skill_ids": written})).toArrow()) == rows(expected)


def test_placeholders_become_null_unless_kept(read: Read) -> None:
    without, kept = (read(**RANGE, keep_placeholders=keep).select("agent_group_id").distinct() for keep in (False, True))
    assert {None} < {row[0] for row in without.collect()} and "-1" in {row[0] for row in kept.collect()}


@pytest.mark.parametrize("concurrency", [1, 2, 5])
def test_as_many_tasks_as_requests_may_be_in_flight(read: Read, concurrency: int) -> None:
    assert read(**RANGE, window_days=7, concurrency=concurrency).rdd.getNumPartitions() == concurrency


def test_all_tasks_together_ask_no_more_at_once_than_they_may(read: Read, sandbox: Sandbox) -> None:
    """Where each answer takes so long, a third request that comes sooner after the first is one too many."""
    delay = 150
    sandbox.admin("POST", "/admin/faults", [{"route": "history.*", "times": 100_000, "action": {"delay_ms": delay}}])
    sandbox.admin("DELETE", "/admin/requests")
    try:
        assert read(**RANGE, window_days=14, concurrency=2).count() > 0
        came = [instant(entry["at"]) for entry in sandbox.admin("GET", "/admin/requests?route=history.*")]
    finally:
        sandbox.admin("DELETE", "/admin/faults")
    assert len(came) > 15
    gaps = [(later - earlier).total_seconds() * 1000 for earlier, later in zip(came, came[2:], strict=False)]
    assert min(gaps) >= delay - 1


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_an_empty_range_is_an_empty_frame(read: Read) -> None:
    assert read(start="2026-06-15", end="2026-06-16", skill_ids="1").count() == 0


def test_what_is_incomplete_is_an_error_unless_it_is_allowed(read: Read, sandbox: Sandbox, tmp_path: Path) -> None:
    options = {**RANGE, "history_reread_pauses": "0.001"}
    sandbox.admin("POST", "/admin/switches", {"partial_result": "on"})
    try:
        with pytest.raises(Exception, match="LpchatIncompleteError"):
            read(**options).count()
        reports = tmp_path / "reports"
        assert read(**options, allow_incomplete=True, reports=reports).count() == searched_leniently(sandbox)
    finally:
        sandbox.admin("POST", "/admin/switches", {"partial_result": "off"})
    written = [report for file in sorted(reports.iterdir()) for report in json.loads(file.read_text())]
    assert written and not any(report["isComplete"] for report in written)


def searched_leniently(sandbox: Sandbox) -> int:
    with Client(sandbox.config, history_reread_pauses=[0.001]) as client:
        return len(client.history.search(**RANGE, allow_incomplete=True).records())


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"skills": "14"}, "There is no option `skills`; there are table, .*skill_ids"),
        ({"table": "line"}, "there is no such table; there are engagements, lines"),
        ({"start": "2026-02-03T04:05:06"}, "has no offset and so names no instant: write `2026-02-03T04:05:06Z`"),
        ({"start": datetime(2026, 2, 3)}, "has no offset and so names no instant"),
        ({"interactive": "yes"}, "The option `interactive` is 'yes': it must be true or false"),
        ({"window_days": "week"}, "The option `window_days` is 'week': it must be a whole number"),
        ({"settle": "long"}, "The option `settle` is 'long': it must be a number"),
        ({"skill_ids": "[14"}, "it must be a JSON array, or texts with commas between them"),
        ({"domains": "x"}, "it must be a JSON object"),
        ({"concurrency": 0}, "The option `concurrency` is 0: it must be at least 1"),
        ({"limit": 5}, "does not fit Spark: .* `.limit\\(n\\)` of the data frame"),
        ({"redact": "s3cr3t-value"}, "`redact` does not fit Spark: its key is a secret"),
        ({"client_secret": "s3cr3t-value"}, "`client_secret` is refused.* LPCHAT_CLIENT_SECRET, in the environment"),
        ({"oauth2": "s3cr3t-value"}, "`oauth2` is refused"),
    ],
)
def test_a_wrong_option_is_refused_with_the_cure(read: Read, options: dict[str, object], complaint: str) -> None:
    with pytest.raises(Exception, match=f"(?s){complaint}") as caught:
        read(**(RANGE | options))
    assert "s3cr3t-value" not in str(caught.value)


def test_without_an_account_the_error_says_what_to_set(spark: SparkSession) -> None:
    with pytest.raises(Exception, match="No account is configured: set `account_id`, or LPCHAT_ACCOUNT_ID"):
        spark.read.format("lpchat").option("start", RANGE["start"]).option("end", RANGE["end"]).load().count()


def test_columns_are_given(spark: SparkSession, sandbox: Sandbox) -> None:
    reader = spark.read.format("lpchat").option("sandbox", sandbox.config).option("start", RANGE["start"])
    with pytest.raises(Exception, match=r"leave `\.schema\(…\)` out"):
        reader.option("end", RANGE["end"]).schema("engagement_id string").load().collect()


def test_no_plan_shows_a_secret(read: Read, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    frame = read(**RANGE, table="lines").where("source = 'visitor'")
    frame.explain(True)
    shown = capsys.readouterr().out + plan_of(frame)
    assert "lpchat" in shown
    for name, secret in json.loads(sandbox.config).items():
        if re.search("secret|password|key|token|bearer", name) and isinstance(secret, str):
            assert secret not in shown, name


def plan_of(frame: DataFrame) -> str:
    return str(frame._jdf.queryExecution().toString())  # type: ignore[operator]


def test_the_format_is_found_by_its_name() -> None:
    assert LpchatDataSource.name() == "lpchat"
