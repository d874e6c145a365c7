"""Search results: iteration, pages, tables."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable

import lpchat
import pandas
import polars
import pyarrow
import pytest
from lpchat import Client, Sandbox

MONTH = {"start": "2026-05-15", "end": "2026-06-15"}


def test_a_result_streams_once_and_says_so(client: Client) -> None:
    result = client.history.search(**MONTH, page_size=20)
    assert repr(result) == "SearchResult(not read yet)"
    first = [engagement.engagement_id for engagement in result]
    assert len(first) > 40
    with pytest.raises(RuntimeError, match="Search again, or call `records\\(\\)`"):
        list(result)
    assert repr(result) == "SearchResult(being streamed)"


def test_what_is_collected_can_be_read_again(client: Client) -> None:
    result = client.history.search(**MONTH)
    frame = result.to_pandas()
    assert len(frame) == len(list(result)) == len(result.records()) == len(result.to_polars()) == result.to_arrow().num_rows > 0
    assert result.count() >= len(frame)


def test_pages_know_their_place(client: Client) -> None:
    pages = list(client.history.search(**MONTH, page_size=15).pages())
    assert [page.offset for page in pages[:3]] == [0, 15, 30]
    assert not pages[-1].has_next and all(page.has_next for page in pages[:-1])
    assert len(
        {engagement.engagement_id + str(engagement.info.engagement_sequence) for page in pages for engagement in page.records}
    ) == sum(len(page.records) for page in pages)


def test_a_page_that_was_kept_is_decoded_without_the_service(client: Client) -> None:
    page = next(client.history.search(**MONTH, page_size=15).pages())
    kept = json.dumps(page.raw)
    with Client(account_id="70481526") as nobody:
        again = nobody.history.decode_page(kept)
        with pytest.raises(lpchat.LpchatDecodeError, match="The page \\(6 bytes\\) cannot be read: not valid JSON"):
            nobody.history.decode_page("<html>")
    assert [record.to_dict() for record in again.records] == [record.to_dict() for record in page.records]
    of_page, of_records = lpchat.EngagementTable(again), lpchat.EngagementTable(page.records)
    assert of_page.to_arrow().drop_columns("raw").equals(of_records.to_arrow().drop_columns("raw"))


def test_a_part_of_a_record_outlives_the_rest(client: Client) -> None:
    page = next(client.history.search(**MONTH).pages())
    expected = [line["text"] for record in page.to_dict()["records"] for line in record["transcript"]["lines"]]
    lines = [line for record in page.records for line in record.transcript.lines]
    del page
    gc.collect()
    assert [line.text for line in lines] == expected and len(lines) > 100
    assert lines[0] == lines[0] and lines[0] != lines[1]


def test_the_table_is_typed(client: Client) -> None:
    result = client.history.search(**MONTH)
    table = pyarrow.table(result)
    assert table.schema.field("start_time").type == pyarrow.timestamp("ms", "UTC")
    assert table.schema.field("engagement_id").type in (pyarrow.string(), pyarrow.string_view())
    assert pyarrow.schema(result).equals(table.schema)
    frame = polars.DataFrame(result)
    assert frame.height == table.num_rows and frame["waiting_seconds"].min() >= 0
    waiting = result.records()[0].info
    assert waiting.start_time is not None and waiting.requested_time is not None
    expected = (waiting.start_time - waiting.requested_time).total_seconds()
    assert frame["waiting_seconds"][0] == pytest.approx(expected, abs=1)
    assert isinstance(result.to_pandas(), pandas.DataFrame)


def test_placeholders_become_null_unless_kept(client: Client) -> None:
    result = client.history.search(**MONTH)
    without = result.to_polars()["agent_group_id"]
    kept = result.to_polars(keep_placeholders=True)["agent_group_id"]
    assert "-1" not in without.to_list() and None in without.to_list() and "-1" in kept.to_list()


def test_a_notebook_shows_a_table_and_no_markup_of_strangers(client: Client, sandbox: Sandbox) -> None:
    evil = {
        "info": {
            "engagementId": "1234567899",
            "startTimeL": 1781400000000,
            "endTimeL": 1781400001000,
            "skillId": 666,
            "visitorName": "<script>alert(1)</script>",
        }
    }
    sandbox.admin("POST", "/admin/history", [evil])
    result = client.history.search(**MONTH, skill_ids=["666"])
    assert "not read yet" in result._repr_html_()
    assert [engagement.info.visitor_name for engagement in result.records()] == ["<script>alert(1)</script>"]
    shown = result._repr_html_()
    assert "<table>" in shown and "<script>" not in shown and "&lt;script&gt;" in shown


def test_a_later_page_that_fails_loses_nothing(client: Client, sandbox: Sandbox, faults: Callable[..., None]) -> None:
    result = client.history.search(**MONTH, page_size=10)
    pages = result.pages()
    got = [engagement.engagement_id for engagement in next(pages).records]
    faults("history.search", {"status": 400, "body": "no"})
    with pytest.raises(lpchat.LpchatRejectedError):
        next(pages)
    sandbox.admin("DELETE", "/admin/faults")
    # The search behind the result goes on where it stood.
    while (page := result._search.next_page()) is not None:
        got += [engagement.engagement_id for engagement in page.records]
    assert got == [engagement.engagement_id for engagement in client.history.search(**MONTH)]


def test_looking_up_an_engagement_gives_all_its_segments(client: Client) -> None:
    transferred = next(e for e in client.history.search(**MONTH) if e.info.end_reason in ("101", "106"))
    segments = client.history.get(transferred.engagement_id)
    assert len(segments) > 1 and {segment.engagement_id for segment in segments} == {transferred.engagement_id}


def test_a_record_that_cannot_be_read_hides_no_other(client: Client, faults: Callable[..., None]) -> None:
    good = [{"info": {"engagementId": str(number), "startTimeL": 1781400000000 + number}} for number in range(3)]
    bad = {"info": {"engagementId": "bad", "startTimeL": 1781400000009, "duration": ["long"]}}
    page = {"_metadata": {"count": 4}, "interactionHistoryRecords": [good[0], bad, *good[1:]]}
    faults("history.search", {"status": 200, "json": page})
    result = client.history.search(**MONTH)
    with pytest.raises(lpchat.LpchatDecodeError, match=r"A record could not be read: .*\[1\]\.info\.duration"):
        result.to_pandas()
    assert list(result.to_pandas()["engagement_id"]) == ["0", "1", "2"]
    assert result.failures[0].raw == bad
    streamed = []
    with pytest.raises(lpchat.LpchatDecodeError):
        for engagement in client.history.search(**MONTH):
            streamed.append(engagement.engagement_id)
    assert streamed == ["0", "1", "2"]


YEAR = {"start": "2025-06-15", "end": "2026-06-15"}


def test_a_year_is_read_whole_and_the_report_says_so(client: Client) -> None:
    result = client.history.search(**YEAR)
    records = result.records()
    starts = [record.start_time for record in records]
    assert len(records) > 300 and starts == sorted(starts, key=lambda start: start.timestamp() if start else 0)
    report = result.report
    assert report.is_complete and report.records == len(records) and len(report.windows) == 14 and not report.gaps
    assert report.summary.startswith(f"Complete: {len(records)} records")
    assert json.loads(result.report_json)["isComplete"] is True
    assert result.resume_token is None and result.watermark is None


def test_a_search_resumes_where_another_stood(client: Client) -> None:
    whole = [record.engagement_id for record in client.history.search(**YEAR)]
    first = client.history.search(**YEAR, page_size=20)
    pages = first.pages()
    seen = [record.engagement_id for _ in range(3) for record in next(pages).records]
    rest = client.history.search(resume_token=first.resume_token)
    assert seen + [record.engagement_id for record in rest] == whole


def test_what_is_incomplete_raises_and_stays(sandbox: Sandbox) -> None:
    sandbox.admin("POST", "/admin/switches", {"partial_result": "on"})
    with Client(sandbox.config, history_reread_pauses=[0.001]) as client:
        result = client.history.search(**MONTH)
        with pytest.raises(lpchat.LpchatIncompleteError, match="part of its data"):
            result.to_polars()
        assert result.to_polars().height == len(result.records()) > 0
        assert not result.report.is_complete and result.report.gaps
        lenient = client.history.search(**MONTH, allow_incomplete=True)
        assert len(lenient.records()) == len(result.records()) and not lenient.report.is_complete
    sandbox.admin("POST", "/admin/switches", {"partial_result": "off"})


def test_every_table_goes_into_frames(client: Client) -> None:
    result = client.history.search(**MONTH)
    lines = result.to_polars("lines")
    assert lines.height == sum(len(record.transcript.lines) for record in result.records())
    assert set(lines["source"].unique()) <= {"visitor", "agent", "system"}
    carts = result.to_arrow("sde_carts")
    assert carts.schema.field("total").type == pyarrow.decimal128(18, 4)
    assert len(result.to_pandas("surveys")) > 0 and len(result.table("sdes")) > 0
    with pytest.raises(lpchat.LpchatConfigurationError, match="there is no such table; there are engagements, lines"):
        result.table("line")
