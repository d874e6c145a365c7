"""Starting Python and importing one package: the whole process, from a parent that measures."""

import subprocess
import sys
import time

from common import report

code = "pass" if sys.argv[1] == "bare" else f"import {sys.argv[1]}"
command = [sys.executable, "-c", code]
subprocess.run(command, check=True)
ROUNDS = 15
begun = time.perf_counter()
for _ in range(ROUNDS):
    subprocess.run(command, check=True)
report(begun, ROUNDS, "started")
