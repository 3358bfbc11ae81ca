"""Measure SQL files on the benchmark's facts: `measure.py --data DIR [--repeat 3] [limit.sql hand.sql ...]`.

Each repeat is a fresh process: connect, run the file, count the rows of its table `result`. Printed: wall seconds, CPU
seconds (user + system of that process, without the import of DuckDB) and its peak resident memory, of the repeat with
the least CPU.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
FILES = [HERE / name for name in ("limit_narrow.sql", "limit.sql", "hand.sql")]


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def connect(data: Path, threads: int) -> duckdb.DuckDBPyConnection:
    """A database in memory with one view per Parquet file of `data`."""
    db = duckdb.connect(config={"threads": threads})
    for file in sorted(data.glob("*.parquet")):
        db.execute(f"CREATE VIEW {file.stem} AS FROM read_parquet('{file}')")
    return db


def run_once(sql: Path, data: Path, threads: int) -> dict[str, float]:
    """Run the file in this process and say what it cost."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    db = connect(data, threads)
    db.execute(sql.read_text())
    rows = db.sql("SELECT count(*) FROM result").fetchall()[0][0]
    return {
        "wall": time.perf_counter() - wall,
        "cpu": cpu_seconds() - cpu,
        "rows": rows,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def run_apart(sql: Path, data: Path, threads: int) -> dict[str, float]:
    """Run the file in a fresh process and say what it cost."""
    command = [sys.executable, __file__, str(sql), "--data", str(data), "--threads", str(threads), "--once"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, default=FILES)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--once", action="store_true", help="run here and print JSON (used by the repeats)")
    options = parser.parse_args()
    for sql in options.files:
        if options.once:
            print(json.dumps(run_once(sql, options.data, options.threads)))
            continue
        runs = [run_apart(sql, options.data, options.threads) for _ in range(options.repeat)]
        best = min(runs, key=lambda run: run["cpu"])
        worst = max(run["cpu"] for run in runs)
        print(
            f"{sql.name:<18} wall {best['wall']:6.2f} s   CPU {best['cpu']:6.2f} s (worst {worst:.2f})   "
            f"peak {best['peak_mb']:6.0f} MB   {best['rows']:>9,} rows"
        )


if __name__ == "__main__":
    main()
