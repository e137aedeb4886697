"""How fast is the reader of tables, and how much memory does it take?

    python benchmarks/readers.py

Makes a CSV file of recordings, and reads it by polars alone (`polars.read_csv`, which holds all of
it in memory) and by `rnnzoo.load_series`' reader (recordings on disk, mapped), each in a process of
its own, in turns; the best of several rounds counts, of memory the most. Also measures the whole
process that reads a small file. Prints the ratio and writes benchmarks/results/readers.json.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
import record

PROGRAM = """
import json, sys, time
import polars
from rnnzoo.data.readers.tables import Options, read_tables
begin, path = time.perf_counter(), sys.argv[2]
if sys.argv[1] == "polars":
    polars.read_csv(path)
else:
    read_tables(path, Options())
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({
    "seconds": time.perf_counter() - begin,
    "megabytes": int(peak.split()[1]) / 1024,  # of this process, not of the one that made it
    "tensorflow": "tensorflow" in sys.modules,
}))
"""


def write(path: Path, megabytes: float) -> None:
    """A CSV file: recordings of 1,000 steps, stamps, a class, six channels."""
    random, row = np.random.default_rng(0), 0
    with path.open("wb") as file:
        while file.tell() < megabytes * 1e6:
            rows = np.arange(row, row + min(200_000, max(1000, int(megabytes * 1e6 / 75))))
            columns = {
                "recording": rows // 1000,
                "time": 1_700_000_000_000 + 20 * rows,
                "activity": np.array(["walk", "run", "sit"])[rows // 1000 % 3],
            }
            x = random.normal(size=(len(rows), 6)).round(5)
            columns |= {f"acc_{i}": x[:, i] for i in range(6)}
            pl.DataFrame(columns).write_csv(file, include_header=row == 0)
            row += len(rows)


def measure(reader: str, path: Path) -> dict:
    """What a process says that reads a file."""
    command = [sys.executable, "-c", PROGRAM, reader, str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=float, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.csv"
        write(path, arguments.megabytes)
        rounds = {"polars": [], "rnnzoo": []}
        for _ in range(arguments.rounds):
            for reader, measured in rounds.items():
                measured.append(measure(reader, path))
        small = Path(folder) / "small.csv"
        write(small, 0.5)
        of_small = [measure("rnnzoo", small) for _ in range(arguments.rounds)]
    seconds = {reader: min(each["seconds"] for each in of) for reader, of in rounds.items()}
    memory = {reader: max(each["megabytes"] for each in of) for reader, of in rounds.items()}
    ratio = seconds["rnnzoo"] / seconds["polars"]
    for reader in rounds:
        print(f"{reader:8} {seconds[reader]:6.1f} s   {memory[reader]:6.0f} MB at most")
    print(f"ratio    {ratio:6.2f}")
    record.write(
        "readers",
        {
            "what": "a CSV file read by polars alone and by the reader of tables",
            "megabytes": arguments.megabytes,
            "rounds": arguments.rounds,
            "results": {
                "seconds": {reader: round(value, 2) for reader, value in seconds.items()},
                "peak_megabytes": {reader: round(value) for reader, value in memory.items()},
                "ratio": round(ratio, 2),
                "small_file_seconds": round(min(each["seconds"] for each in of_small), 2),
                "small_file_imports_tensorflow": any(each["tensorflow"] for each in of_small),
            },
        },
        packages=("polars", "numpy", "rnnzoo"),
    )


if __name__ == "__main__":
    main()
