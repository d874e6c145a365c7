"""Tables of a search result: as attributes, in batches, in other libraries, in notebooks."""

from __future__ import annotations

import json
from collections.abc import Callable

import duckdb
import lpchat
import polars
import pyarrow
import pytest
from lpchat import TABLE_NAMES, AsyncClient, Client, EngagementTable, LpchatError, Sandbox

MONTH = {"start": "2026-05-15", "end": "2026-06-15"}


def test_every_table_is_an_attribute(client: Client) -> None:
    result = client.history.search(**MONTH)
    for name in TABLE_NAMES:
        table = getattr(result, name)
        assert isinstance(table, EngagementTable) and table.name == name
        assert table.to_arrow().equals(result.to_arrow(name))
    assert result.lines.column_names[:5] == [
        "account_id",
        "engagement_id",
        "engagement_set",
        "engagement_sequence",
        "line_ordinal",
    ]
    assert result.lines.to_polars().height == len(result.lines.to_pandas()) == len(result.lines) > len(result.engagements)


def test_every_table_speaks_the_arrow_protocol(client: Client) -> None:
    result = client.history.search(**MONTH)
    for name in TABLE_NAMES:
        table = getattr(result, name)
        assert pyarrow.table(table).num_rows == len(table) == polars.DataFrame(table).height
        assert pyarrow.schema(table).names == table.column_names


def test_what_was_collected_for_tables_comes_as_records_too(client: Client, sandbox: Sandbox) -> None:
    streamed = list(client.history.search(**MONTH))
    sandbox.admin("DELETE", "/admin/requests")
    result = client.history.search(**MONTH)
    assert result.to_polars().height == len(streamed)
    asked = len(sandbox.admin("GET", "/admin/requests"))
    assert result.records() == streamed == list(result) == result.read_so_far
    assert result.lines.to_arrow().equals(EngagementTable(streamed, "lines").to_arrow())
    assert len(sandbox.admin("GET", "/admin/requests")) == asked, "nothing is asked for twice"


def test_a_table_of_more_text_than_one_batch_holds_has_several(client: Client) -> None:
    records = client.history.search(**MONTH).records()
    once = EngagementTable(records, "lines").to_arrow()
    times = (160 << 20) // once.nbytes + 1
    table = EngagementTable(records * times, "lines")
    whole = table.to_arrow()
    assert whole.column("text").num_chunks > 1
    assert len(table) == whole.num_rows == table.to_polars().height == times * once.num_rows
    assert whole.slice(whole.num_rows - once.num_rows).equals(once) and whole.slice(0, once.num_rows).equals(once)
    assert f"{len(table)} rows of lines" in table._repr_html_()


def test_a_table_that_is_not_there_is_named_with_those_that_are(client: Client) -> None:
    with pytest.raises(LpchatError, match="there is no such table; there are engagements, lines"):
        client.history.search(**MONTH).table("line")  # type: ignore[arg-type]


def test_duckdb_reads_tables_in_place(client: Client) -> None:
    result = client.history.search(**MONTH)
    engagements, lines = result.engagements, result.lines
    query = "select count(*), count(distinct engagement_id), max(start_time) from engagements"
    count, distinct, latest = duckdb.sql(query).fetchall()[0]
    records = result.records()
    assert (count, distinct) == (len(records), len({record.engagement_id for record in records}))
    assert latest == max(record.start_time for record in records if record.start_time)
    by_visitors = "select count(*) from lines join engagements using (engagement_id, engagement_set, engagement_sequence)"
    assert duckdb.sql(f"{by_visitors} where source = 'visitor'").fetchall() == [
        (sum(line.source == "visitor" for record in records for line in record.transcript.lines),)
    ]
    assert len(engagements) == count and len(lines) > count


def test_batches_stream_a_table_page_by_page(client: Client) -> None:
    whole = client.history.search(**MONTH).lines.to_arrow()
    result = client.history.search(**MONTH, page_size=20)
    batches = list(result.iter_batches("lines"))
    assert len(batches) > 2 and all(batch.name == "lines" for batch in batches)
    assert pyarrow.concat_tables(pyarrow.table(batch) for batch in batches).equals(whole)
    assert result.read_so_far == [], "nothing is collected"
    with pytest.raises(RuntimeError, match="streamed already"):
        list(result.iter_batches())


async def _asynchronously(sandbox: Sandbox) -> tuple[int, int, int, int]:
    async with AsyncClient(sandbox.config) as client:
        collected = client.history.search(**MONTH)
        lines = await collected.lines
        streamed = client.history.search(**MONTH, page_size=20, progress=False)
        sizes = [len(batch) async for batch in streamed.iter_batches("lines")]
        return len(lines), (await collected.to_polars("lines")).height, sum(sizes), len(sizes)


def test_the_same_awaited(sandbox: Sandbox) -> None:
    import asyncio

    attribute, frame, streamed, batches = asyncio.run(_asynchronously(sandbox))
    assert attribute == frame == streamed > 0 and batches > 2


def test_a_notebook_shows_the_first_rows_of_a_table_escaped(client: Client, sandbox: Sandbox) -> None:
    info = {"engagementId": "1234567897", "startTimeL": 1781400000000, "endTimeL": 1781400001000, "skillId": 667}
    lines = [{"text": f"<b>line {number}</b>", "timeL": 1781400000000 + number, "source": "visitor"} for number in range(12)]
    purchase = {"purchase": {"total": "11.7", "orderId": "A"}}
    record = {"info": info, "transcript": {"lines": lines}, "sdes": {"events": [purchase]}}
    sandbox.admin("POST", "/admin/history", [record])
    result = client.history.search(**MONTH, skill_ids=["667"])
    shown = result.lines._repr_html_()
    assert "&lt;b&gt;line 9&lt;/b&gt;" in shown and "line 10" not in shown and "<b>" not in shown
    assert "12 rows of lines, the first 10 shown" in shown and "2026-06-14T01:20:00.003Z" in shown
    assert "<td>11.7000</td>" in result.sde_purchases._repr_html_()
    assert "0 rows of cobrowse" in result.cobrowse._repr_html_()
    assert repr(result.lines) == 'EngagementTable("lines", 12 rows, 22 columns)'


def test_placeholders_of_any_table_can_be_kept(client: Client, sandbox: Sandbox) -> None:
    info = {"engagementId": "1234567896", "startTimeL": 1781400000000, "endTimeL": 1781400001000, "skillId": 668}
    survey = {"displayName": "", "value": "", "name": "NA", "surveyID": -1}
    sandbox.admin("POST", "/admin/history", [{"info": info, "surveys": {"preChat": [survey]}}])
    result = client.history.search(**MONTH, skill_ids=["668"])
    columns = ["question", "value", "survey_name", "survey_id"]
    assert result.surveys.to_polars().select(columns).rows() == [(None, None, None, None)]
    assert result.to_polars("surveys", keep_placeholders=True).select(columns).rows() == [("", "", "NA", "-1")]


SECRET_COLUMNS = {
    "engagements": ["visitor_id", "visitor_name", "visitor_ip_address", "visitor_city", "chat_start_url", "shark_engagement_id"],
    "lines": ["text", "plain_text", "json", "by"],
    "surveys": ["value"],
    "sde_personal_info": ["name", "surname", "company", "email", "phone", "zip_code"],
    "sde_customer_info": ["customer_id", "social_id", "imei", "user_name", "account_name"],
    "sde_purchases": ["order_id"],
    "sde_searches": ["keyword"],
}


def secrets_of(client: Client) -> set[str]:
    """What the sandbox's records hold of visitors: texts that occur nowhere in what may stay."""
    result = client.history.search(**MONTH)
    found: set[str] = set()
    for table, columns in SECRET_COLUMNS.items():
        frame = result.to_polars(table)  # type: ignore[arg-type]
        for column in columns:
            found.update(str(value) for value in frame[column].drop_nulls().to_list())
    # What may stay as something else: a product searched for is in the cart, an agent is the author of
    # lines, and a state may have the name of a city.
    stays = {str(getattr(record.info, name)) for record in result.records() for name in ("agent_nickname", "agent_full_name")}
    stays.update(name for table in (result.sde_cart_products, result.sde_viewed_products) for name in table.to_polars()["name"])
    stays.update(result.to_polars()["visitor_state"].drop_nulls().to_list())
    # Short words occur in names of skills and the like.
    return {text for text in found - stays if len(text) > 7}


@pytest.mark.parametrize("redact", [{}, {"hash_key": "0123456789abcdef"}])
def test_no_visitor_is_in_what_a_redacted_search_hands_out(client: Client, redact: dict[str, str]) -> None:
    secrets = secrets_of(client)
    assert len(secrets) > 200
    result = client.history.search(**MONTH, redact=redact)
    shown = [json.dumps(record.raw, ensure_ascii=False) for record in result.records()]
    shown += [json.dumps(record.to_dict(), ensure_ascii=False, default=str) for record in result.records()]
    shown += [repr(record) for record in result.records()]
    shown += [str(getattr(result, name).to_arrow().to_pylist()) for name in TABLE_NAMES]
    shown += [result._repr_html_(), result.report_json, repr(result)]
    everything = "\n".join(shown)
    left = [secret for secret in secrets if secret in everything]
    assert left == [], left


def test_digests_join_tables_and_searches(client: Client) -> None:
    key = lpchat.Redaction(hash_key="0123456789abcdef")
    plain, hashed = client.history.search(**MONTH), client.history.search(**MONTH, redact=key)
    before, after = plain.to_polars(), hashed.to_polars()
    assert before.select("engagement_id", "agent_id", "line_count", "waiting_seconds").equals(
        after.select("engagement_id", "agent_id", "line_count", "waiting_seconds")
    )
    assert before["visitor_id"].n_unique() == after["visitor_id"].n_unique() > 1
    assert set(after["visitor_id"].drop_nulls().str.len_chars()) == {64}
    again = client.history.search(**MONTH, redact=key).to_polars()
    assert again["visitor_id"].equals(after["visitor_id"])
    assert "0123456789abcdef" not in repr(key)


def test_an_engagement_is_redacted_when_it_is_looked_up(client: Client) -> None:
    plain = next(record for record in client.history.search(**MONTH) if record.info.visitor_name and record.transcript.lines)
    given = {"hash_key": "0123456789abcdef"}
    for redact in (given, lpchat.Redaction(**given)):
        record = client.history.get(plain.engagement_id, redact=redact)[0]
        assert record.engagement_id == plain.engagement_id and len(record.info.visitor_id or "") == 64
        assert plain.info.visitor_name not in str(record.raw) and not any(line.text for line in record.transcript.lines)
    assert client.history.get(plain.engagement_id)[0].info.visitor_name == plain.info.visitor_name


def test_redaction_keeps_texts_where_asked(client: Client) -> None:
    kept = client.history.search(**MONTH, redact={"keep_texts": True})
    assert kept.lines.to_polars()["text"].equals(client.history.search(**MONTH).lines.to_polars()["text"])
    assert kept.lines.to_polars()["by"].null_count() == len(kept.lines)


def test_a_broken_answer_is_not_quoted(client: Client, sandbox: Sandbox, faults: Callable[..., None]) -> None:
    broken = '{"interactionHistoryRecords": [{"info": {"visitorName": "Zoë Secret"'
    for status in (200, 400):
        faults("history.search", {"status": status, "body": broken})
        with pytest.raises(LpchatError) as raised:
            client.history.search(**MONTH, redact={}).records()
        assert "Secret" not in f"{raised.value} {raised.value.details()}"
        sandbox.admin("DELETE", "/admin/faults")
