"""Spark's data source where there is no Spark; `tests/spark` has the rest."""

from __future__ import annotations

import subprocess
import sys


def test_without_pyspark_the_error_says_what_to_install() -> None:
    program = "import sys; sys.modules['pyspark'] = None; import lpchat; print('lpchat is there'); import lpchat.spark"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert ended.stdout == "lpchat is there\n"
    assert "needs PySpark 4" in ended.stderr and "pip install 'lpchat[spark]'" in ended.stderr
