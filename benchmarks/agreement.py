"""Agreement beside its peers, in one run: time and peak memory, each measurement in a process of its own, one thread.

Run `python -m benchmarks.agreement`. The same random ordinal ratings for all: 3 raters, 5 levels, 10% missing.
It exits 1 when a promise is broken: at a million units ordinal alpha at least 40 times faster than krippendorff.alpha and
in a fifth of its memory, a 1,000-replicate interval at least 10,000 times faster than the naive one, and the command line
on a million ratings no slower than reading the file and one alpha of the peer.

Peers live in an environment of their own, because irrCAC pins an old scipy; name its Python in $PEERS (with irrCAC,
krippendorff, pandas, statsmodels, scikit-learn). Without it krippendorff alone is measured, and the output says so.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

UNITS = tuple(int(units) for units in os.environ.get("UNITS", "1000,10000,100000,1000000").split(","))
TIMES = int(os.environ.get("TIMES", "3"))
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

CHILD = """
import json, resource, sys, time
import numpy as np
WORK
def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
table = prepare(np.load(sys.argv[1]))
work(table[:1000])
before, start = memory(), time.perf_counter()
value = work(table)
print(json.dumps({"seconds": time.perf_counter() - start, "megabytes": memory() - before, "value": value}))
"""

OURS = """
from stats import Ratings, Scale, measure
scale = Scale.of("ordinal", [1, 2, 3, 4, 5])
prepare = lambda table: table
work = lambda table: measure(Ratings.of(table, scale), replicates=REPLICATES).value
"""

CODES = """
from stats import Ratings, Scale, measure
scale = Scale.of("ordinal", [1, 2, 3, 4, 5])
prepare = lambda table: (np.nan_to_num(table, nan=0) - 1).astype(np.int8)
work = lambda table: measure(Ratings.from_codes(table, scale), replicates=0).value
"""

KRIPPENDORFF = """
import krippendorff
prepare = lambda table: table
work = lambda table: float(krippendorff.alpha(table.T, level_of_measurement="ordinal"))
"""

NAIVE = """
import krippendorff
random = np.random.default_rng(1)
prepare = lambda table: table
def work(table):
    for _ in range(3):
        krippendorff.alpha(table[random.integers(0, len(table), len(table))].T, level_of_measurement="ordinal")
"""

IRRCAC = """
import pandas as pd
from irrCAC.raw import CAC
prepare = pd.DataFrame
work = lambda table: float(CAC(table, weights="ordinal", digits=12).krippendorff()["est"]["coefficient_value"])
"""

STATSMODELS = """
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa
prepare = lambda table: np.nan_to_num(table, nan=3).astype(int)
work = lambda table: float(fleiss_kappa(aggregate_raters(table)[0]))
"""

SKLEARN = """
from sklearn.metrics import cohen_kappa_score
prepare = lambda table: np.nan_to_num(table, nan=3).astype(int)
work = lambda table: float(cohen_kappa_score(table[:, 0], table[:, 1], weights="quadratic"))
"""

TASKS = {
    "ours, alpha": OURS.replace("REPLICATES", "0"),
    "ours, alpha from codes": CODES,
    "ours, alpha and 1,000 replicates": OURS.replace("REPLICATES", "1000"),
    "krippendorff, alpha": KRIPPENDORFF,
    "krippendorff, 3 naive replicates": NAIVE,
}

PEERS = {
    "irrCAC, alpha (Gwet's ordinal)": IRRCAC,
    "statsmodels, Fleiss (complete data)": STATSMODELS,
    "scikit-learn, Cohen (two raters)": SKLEARN,
}

PEER_FILE = """
import csv, sys
import numpy as np, krippendorff
try:
    import pandas as pd
    table = pd.read_csv(sys.argv[1]).pivot(index="rater", columns="item", values="score").to_numpy()
except ImportError:
    place, rows = {}, {}
    with open(sys.argv[1]) as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["rater"], {})[place.setdefault(row["item"], len(place))] = float(row["score"] or "nan")
    table = np.full((len(rows), len(place)), np.nan)
    for number, scores in enumerate(rows.values()):
        table[number, list(scores)] = list(scores.values())
print(krippendorff.alpha(table, level_of_measurement="ordinal"))
"""

Figures = dict[str, float]


def main() -> int:
    if not os.environ.get("PEERS"):
        print("$PEERS is not set: irrCAC, statsmodels and scikit-learn are left out")
    with tempfile.TemporaryDirectory() as folder:
        found = {units: dict(_measured(units, Path(folder) / f"{units}.npy")) for units in UNITS}
        command = _command_keeps(Path(folder) / "million.csv")
    return int(not (command and (max(UNITS) < 1_000_000 or _keeps(found[max(UNITS)]))))


def _measured(units: int, path: Path) -> Iterator[tuple[str, Figures]]:
    """Each task after a warm-up on a thousand units; memory is what it needs beyond the table."""
    np.save(path, ratings(units))
    peers = os.environ.get("PEERS")
    for name, python in [(name, sys.executable) for name in TASKS] + [(name, peers) for name in PEERS if peers]:
        code = CHILD.replace("WORK", {**TASKS, **PEERS}[name])
        runs = [json.loads(_output([str(python), "-c", code, str(path)])) for _ in range(TIMES)]
        figures = {kind: median(run[kind] for run in runs) for kind in ("seconds", "megabytes")}
        print(f"{units:>9,} units  {name:36} {figures['seconds'] * 1000:12,.2f} ms {figures['megabytes']:8,.0f} MB", flush=True)
        yield name, figures


def ratings(units: int) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """3 raters, 5 levels, 10% missing."""
    random = np.random.default_rng(7)
    values = np.clip(np.round(3 + random.normal(size=(units, 1)) + random.normal(size=(units, 3))), 1, 5)
    values[random.random(values.shape) < 0.1] = np.nan
    return values


def _output(command: list[str]) -> str:
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]}: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout


def _keeps(figures: dict[str, Figures]) -> bool:
    peer, naive = figures["krippendorff, alpha"], figures["krippendorff, 3 naive replicates"]
    ours, interval = figures["ours, alpha"], figures["ours, alpha and 1,000 replicates"]
    extrapolated = naive["seconds"] / 3 * 1000
    faster, replicates = peer["seconds"] / ours["seconds"], extrapolated / interval["seconds"]
    memory = ours["megabytes"] / peer["megabytes"]
    print(f"the naive {extrapolated:,.0f} s for 1,000 replicates is extrapolated from 3")
    kept = [
        _promise(f"alpha {faster:.0f} times faster than krippendorff (promised 40)", faster >= 40),
        _promise(f"in {memory:.2f} of its memory (promised 0.20)", memory <= 0.2),
        _promise(f"1,000 replicates {replicates:,.0f} times faster than naive ones (promised 10,000)", replicates >= 10_000),
    ]
    return all(kept)


def _promise(what: str, is_kept: bool) -> bool:
    print(f"{'kept  ' if is_kept else 'BROKEN'}  {what}", flush=True)
    return is_kept


def _command_keeps(path: Path) -> bool:
    """A million ratings from the command line, every coefficient and 1,000-replicate intervals, against the peer's one alpha."""
    _write(path, ratings(333_334))
    options = ["--scale", "1,2,3,4,5", "--replicates", "1000", "--json"]
    ours = [sys.executable, "-m", "moderation.commands", "agreement", str(path), *options]
    peer = [os.environ.get("PEERS") or sys.executable, "-c", PEER_FILE, str(path)]
    seconds = [median(_seconds(command) for _ in range(TIMES)) for command in (ours, peer)]
    what = f"a file of a million ratings: every coefficient {seconds[0]:.2f} s, the peer's reading and one alpha {seconds[1]:.2f} s"
    return _promise(what, seconds[0] <= seconds[1])


def _seconds(command: list[str]) -> float:
    start = perf_counter()
    _output(command)
    return perf_counter() - start


def _write(path: Path, table: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> None:
    with path.open("w") as file:
        file.write("item,rater,score\n")
        for item, row in enumerate(table.tolist()):
            file.write("".join(f"P{item},A{rater},{score:g}\n".replace("nan", "") for rater, score in enumerate(row)))


if __name__ == "__main__":
    sys.exit(main())
