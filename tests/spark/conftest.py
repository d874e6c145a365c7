"""A session of Spark on this machine, and a sandbox with history to read."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator

import pytest
from lpchat import Sandbox
from lpchat.spark import LpchatDataSource
from pyspark.sql import DataFrame, SparkSession

Read = Callable[..., DataFrame]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox.start(seed=11, engagements=1_200, base_date="2026-06-15") as running:
        yield running


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    # The workers must be this interpreter, nothing may look for this machine's name on a network, and no account is given.
    for name in [name for name in os.environ if name.startswith("LPCHAT_") and name != "LPCHAT_SANDBOX"]:
        del os.environ[name]
    nowhere = str(tmp_path_factory.mktemp("configuration"))
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1", "XDG_CONFIG_HOME": nowhere}
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.local.dir": str(tmp_path_factory.mktemp("spark")),
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
    }
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    session.dataSource.register(LpchatDataSource)
    yield session
    session.stop()


@pytest.fixture
def read(spark: SparkSession, sandbox: Sandbox) -> Read:
    """Reads from the sandbox with these options."""

    def load(**options: object) -> DataFrame:
        reader = spark.read.format("lpchat").option("sandbox", sandbox.config)
        for name, value in options.items():
            reader = reader.option(name, value)  # type: ignore[arg-type]
        return reader.load()

    return load
