"""fuzz_keep.py CONTROL KEPT COUNT: copies into the folder KEPT the inputs, COUNT at most, that reach
the most code that no input in it reaches, by the control file of a merge of libFuzzer."""

import shutil
import sys
from pathlib import Path

control, kept, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
lines = control.read_text().splitlines()
# The number of inputs, the number of those in the first folder, their paths, and then what each reaches.
number = int(lines[0])
paths = [Path(line) for line in lines[2 : 2 + number]]
reached = {path: set() for path in paths}
for line in lines[2 + number :]:
    kind, index, *places = line.split()
    if kind == "FT":
        reached[paths[int(index)]] = set(places)

known = set().union(*(places for path, places in reached.items() if path.resolve().parent == kept.resolve()))
for _ in range(count):
    # Of those that reach as much the shortest, and of these always the same.
    best = max(paths, key=lambda path: (len(reached[path] - known), -path.stat().st_size, path.name))
    if not reached[best] - known:
        break
    known |= reached[best]
    shutil.copy(best, kept / best.name)
    print(f"kept {best.name}")
