"""Starting Python and importing one package: the whole process, from a parent that measures."""

import subprocess
import sys

from common import Stopwatch

ROUNDS = 20
command = [sys.executable, "-c", "pass" if sys.argv[1] == "bare" else f"import {sys.argv[1]}"]
subprocess.run(command, check=True)
watch = Stopwatch()
for _ in range(ROUNDS):
    subprocess.run(command, check=True)
watch.report(ROUNDS, "started")
