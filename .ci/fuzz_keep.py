"""Adds the most useful new inputs to a corpus: fuzz_keep.py CONTROL KEPT COUNT

Copies at most COUNT inputs into the folder KEPT: those that reach the most code that no input in the folder
reaches, according to CONTROL, the control file of a libFuzzer merge.
"""

import shutil
import sys
from pathlib import Path

control, kept, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
lines = control.read_text().splitlines()
# Number of inputs, number of inputs in the first folder, paths of the inputs, code reached by each input.
number = int(lines[0])
paths = [Path(line) for line in lines[2 : 2 + number]]
reached = {path: set() for path in paths}
for line in lines[2 + number :]:
    kind, index, *places = line.split()
    if kind == "FT":
        reached[paths[int(index)]] = set(places)

known = set().union(*(places for path, places in reached.items() if path.resolve().parent == kept.resolve()))
for _ in range(count):
    # Ties are broken by length, then by name.
    best = max(paths, key=lambda path: (len(reached[path] - known), -path.stat().st_size, path.name))
    if not reached[best] - known:
        break
    known |= reached[best]
    shutil.copy(best, kept / best.name)
    print(f"added {best.name}")
