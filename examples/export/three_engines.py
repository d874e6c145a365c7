"""Thirteen months of chats as Parquet files, and three questions to Polars, DuckDB and Spark: they must agree.

    python examples/export/three_engines.py FOLDER

It runs against the sandbox. For a real account replace `Client(sandbox.config)` by `Client()`.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from lpchat import Client, Sandbox

START, END = datetime(2025, 5, 1, tzinfo=timezone.utc), datetime(2026, 6, 1, tzinfo=timezone.utc)
TABLES = ("engagements", "surveys", "sde_purchases")
KEY = ("account_id", "engagement_id", "engagement_set", "engagement_sequence")

Answers = dict[str, list[tuple[Any, ...]]]

# DuckDB and Spark take the same text.
QUESTIONS = {
    "How many chats has each skill, and how many of them began within 30 seconds?": """
        SELECT coalesce(skill_name, 'Unassigned') AS skill, count(*) AS chats, count_if(waiting_seconds <= 30) AS in_time
        FROM engagements GROUP BY 1 ORDER BY 1
    """,
    "How content are the visitors of each agent?": """
        SELECT agent_nickname AS agent, count(*) AS answers, round(avg(try_cast(value AS INT)), 3) AS rating
        FROM surveys JOIN engagements USING (account_id, engagement_id, engagement_set, engagement_sequence)
        WHERE question = 'How satisfied were you with the chat?' GROUP BY 1 ORDER BY 1
    """,
    "What was bought after the chat had begun?": """
        SELECT coalesce(currency, 'not said') AS currency, count(*) AS purchases, sum(total) AS paid
        FROM sde_purchases JOIN engagements USING (account_id, engagement_id, engagement_set, engagement_sequence)
        WHERE coalesce(original_time, server_time) > start_time GROUP BY 1 ORDER BY 1
    """,
}


def files(folder: Path, table: str) -> str:
    """Where the files of a table are."""
    return str(folder / table / "*.parquet")


def ask_duckdb(folder: Path) -> Answers:
    import duckdb

    with duckdb.connect() as database:
        for table in TABLES:
            database.read_parquet(files(folder, table)).create_view(table)
        return {question: database.execute(query).fetchall() for question, query in QUESTIONS.items()}


def ask_spark(folder: Path) -> Answers:
    # The workers must be this interpreter, and nothing need look for this machine's name on a network.
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    from pyspark.sql import SparkSession

    settings = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.sql.shuffle.partitions": "2"}
    spark = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    try:
        for table in TABLES:
            spark.read.parquet(files(folder, table)).createOrReplaceTempView(table)
        return {question: [tuple(row) for row in spark.sql(query).collect()] for question, query in QUESTIONS.items()}
    finally:
        spark.stop()


def ask_polars(folder: Path) -> Answers:
    import polars as pl

    chats, surveys, purchases = (pl.scan_parquet(files(folder, table)) for table in TABLES)
    by_skill = chats.group_by(pl.col("skill_name").fill_null("Unassigned")).agg(
        chats=pl.len(), in_time=(pl.col("waiting_seconds") <= 30).sum()
    )
    by_agent = (
        surveys.filter(pl.col("question") == "How satisfied were you with the chat?")
        .join(chats, on=KEY)
        .group_by("agent_nickname")
        .agg(answers=pl.len(), rating=pl.col("value").cast(pl.Int32, strict=False).mean().round(3))
    )
    by_currency = (
        purchases.join(chats, on=KEY)
        .filter(pl.coalesce("original_time", "server_time") > pl.col("start_time"))
        .group_by(pl.col("currency").fill_null("not said"))
        .agg(purchases=pl.len(), paid=pl.col("total").sum())
    )
    frames = (by_skill, by_agent, by_currency)
    return {question: sorted(frame.collect().rows()) for question, frame in zip(QUESTIONS, frames, strict=True)}


ENGINES: dict[str, Callable[[Path], Answers]] = {"Polars": ask_polars, "DuckDB": ask_duckdb, "Spark": ask_spark}


def main(folder: Path) -> int:
    shutil.rmtree(folder, ignore_errors=True)
    with Sandbox.start(seed=5, engagements=3_000, base_date="2026-06-02") as sandbox, Client(sandbox.config) as client:
        report = client.history.export(folder, start=START, end=END)
    print(report.summary)
    size = sum(file.stat().st_size for file in folder.rglob("*.parquet"))
    print(f"{START:%B %Y} to {END:%B %Y}: {len(list(folder.rglob('*.parquet')))} files, {size / 1e6:.1f} MB")
    answers = {name: ask(folder) for name, ask in ENGINES.items()}
    reference = answers["DuckDB"]
    for question, rows in reference.items():
        print(f"\n{question}")
        for first, *rest in rows:
            print(f"  {first:<16}" + "".join(f"{value!s:>14}" for value in rest))
    differing = [name for name, answer in answers.items() if answer != reference]
    print(f"\n{', '.join(answers)}: " + (f"{', '.join(differing)} differ" if differing else "the same answers"))
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
