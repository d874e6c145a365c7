"""Exports, read back by the libraries that analysts use."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import polars
import pyarrow
import pyarrow.dataset
import pytest
from lpchat import AsyncClient, Client, LpchatConfigurationError, LpchatServerError, Sandbox

START = datetime(2026, 5, 1, tzinfo=timezone.utc)
END = datetime(2026, 6, 1, tzinfo=timezone.utc)
KEY = ["engagement_id", "engagement_set", "engagement_sequence"]


def table(folder: Path, name: str) -> pyarrow.Table:
    return pyarrow.dataset.dataset(folder / name, format="parquet").to_table()


def rows(table: pyarrow.Table) -> list[str]:
    """Every row as text, in an order of its own."""
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in table.to_pylist())


def test_parquet_holds_what_the_tables_of_a_search_hold(client: Client, tmp_path: Path) -> None:
    report = client.history.export(tmp_path / "chats", start=START, end=END)
    assert report.is_complete and report.format == "parquet", report.summary
    found = client.history.search(start=START, end=END)
    names = {path.name for path in (tmp_path / "chats").iterdir() if path.is_dir()}
    assert {"engagements", "lines", "surveys", "sdes", "sde_purchases"} <= names
    for name in names:
        exported, searched = table(tmp_path / "chats", name), found.to_arrow(name)
        assert exported.schema.remove_metadata() == searched.schema.remove_metadata(), name
        assert rows(exported) == rows(searched), name
    empty = [name for name in ("engagements", "lines") if found.to_arrow(name).num_rows == 0]
    assert not empty and report.total_records == len(found.records())


def test_polars_and_duckdb_read_a_folder_as_one_table(client: Client, tmp_path: Path) -> None:
    folder = tmp_path / "chats"
    client.history.export(folder, start=START, end=END)
    frame = polars.scan_parquet(folder / "engagements" / "*.parquet").collect()
    assert frame.schema["start_time"] == polars.Datetime("ms", "UTC")
    assert frame["start_time"].is_between(START, END, closed="left").all() and frame["start_time"].is_sorted()
    assert frame.select(KEY).is_duplicated().sum() == 0
    lines = polars.scan_parquet(folder / "lines" / "*.parquet").collect()
    query = f"""
        select e.engagement_id, count(*) as lines from '{folder}/engagements/*.parquet' e join '{folder}/lines/*.parquet' l
        using (engagement_id, engagement_set, engagement_sequence) group by all
    """
    joined = duckdb.sql(query).fetchall()
    assert sum(count for _, count in joined) == len(lines) > len(frame)


def test_json_lines_hold_the_service_s_own_records(client: Client, tmp_path: Path) -> None:
    folder = tmp_path / "chats"
    client.history.export(folder, start=START, end=END, format="jsonl")
    files = sorted((folder / "engagements").iterdir())
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    records = client.history.search(start=START, end=END).records()
    assert sorted(map(str, lines)) == sorted(str(record.raw) for record in records)
    manifest = json.loads((folder / "manifest.json").read_text())
    parts = [part for day in manifest["days"].values() for part in day["parts"]]
    assert {part["file"] for part in parts} == {f"engagements/{file.name}" for file in files}
    assert sum(part["rows"] for part in parts) == len(records)
    assert (folder / "manifest.json").stat().st_mode & 0o777 == 0o600


def test_an_export_shows_how_far_it_is(client: Client, tmp_path: Path) -> None:
    run = client.history.begin_export(tmp_path / "chats", start=START, end=END)
    steps = []
    while (progress := run.advance()) is not None:
        steps.append(progress)
    assert [step.days for step in steps] == [31] * len(steps)
    assert [step.days_read for step in steps] == sorted(step.days_read for step in steps) and steps[-1].days_read == 31
    assert run.report.is_complete and run.report.records == steps[-1].records
    verified = client.history.verify(tmp_path / "chats")
    assert verified.is_complete, verified.summary


def test_a_failure_leaves_an_export_that_goes_on(
    client: Client, faults: Callable[..., None], tmp_path: Path, sandbox: Sandbox
) -> None:
    folder = tmp_path / "chats"
    faults("history.search", {"status": 503}, skip=20)
    with Client(sandbox.config, server_error_pauses=[0.001]) as hasty, pytest.raises(LpchatServerError) as failed:
        hasty.history.export(folder, start=START, end=END)
    assert "run the same export again, and it goes on" in failed.value.hint
    sandbox.admin("DELETE", "/admin/faults")
    report = client.history.export(folder, start=START, end=END)
    assert report.is_complete and 10 <= report.days_read < 31, report.summary
    with pytest.raises(LpchatConfigurationError, match="jsonl"):
        client.history.export(folder, start=START, end=END, format="jsonl")


def test_a_folder_is_a_path_or_its_name(client: Client, tmp_path: Path) -> None:
    folder = tmp_path / "chats"
    day = {"start": START, "end": START + timedelta(days=1)}
    assert client.history.export(folder, **day).directory == str(folder)
    assert client.history.export(os.fspath(folder), **day).days_read == 0
    assert client.history.begin_export(directory=folder, **day).report.directory == str(folder)
    assert client.history.verify(folder).is_complete and client.history.verify(str(folder)).is_complete
    for wrong in (5, os.fsencode(folder), object()):
        with pytest.raises(TypeError, match="`directory` must be a str"):
            client.history.verify(wrong)  # type: ignore[arg-type]


def test_placeholders_are_null_unless_they_are_kept(client: Client, tmp_path: Path) -> None:
    range_ = {"start": START, "end": END}
    client.history.export(tmp_path / "kept", **range_, keep_placeholders=True)
    client.history.export(tmp_path / "clean", **range_)
    found = client.history.search(**range_)
    kept, clean = table(tmp_path / "kept", "engagements"), table(tmp_path / "clean", "engagements")
    expected = pyarrow.table(found.table("engagements", keep_placeholders=True))
    assert rows(kept) == rows(expected) and rows(clean) == rows(found.to_arrow())
    assert "-1" in kept["agent_group_id"].to_pylist() and "-1" not in clean["agent_group_id"].to_pylist()
    for folder, keep in ((tmp_path / "kept", False), (tmp_path / "clean", True)):
        with pytest.raises(LpchatConfigurationError, match="a folder for each"):
            client.history.export(folder, **range_, keep_placeholders=keep)


async def cancelled_in_the_middle(sandbox: Sandbox, folder: Path, faults: Callable[..., None]) -> Any:
    async with AsyncClient(sandbox.config) as client:
        faults("history.search", {"hang": True}, skip=5)
        task = asyncio.ensure_future(client.history.export(folder, start=START, end=END))
        while not any(fault["happened"] for fault in sandbox.admin("GET", "/admin/faults")):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        sandbox.admin("DELETE", "/admin/faults")
        # At once: the cancelled export lets go of the folder.
        return await client.history.export(folder, start=START, end=END)


def test_a_cancelled_export_goes_on(sandbox: Sandbox, faults: Callable[..., None], tmp_path: Path) -> None:
    report = asyncio.run(cancelled_in_the_middle(sandbox, tmp_path / "chats", faults))
    assert report.is_complete, report.summary
