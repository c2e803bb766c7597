"""Time the paths side by side: one run, methods alternating, medians over repeats.

(a) the script a user would write with mpmath, (b) the same construction with python-flint's
``acb_mat`` at the lowest precision that delivers the digits, (c) the multiprecision path, (d) the
ball path with its certificate, (e) float64.  (c), (d), (e) include making the branch record.
Forward errors are distances from the ball enclosure.  BLAS runs on as many threads as ``--threads``
says (1 unless told).  Run with ``--quick`` for a grid of less than three minutes.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

QUICK = {
    "gaussian-complex": [(2, 50), (8, 50), (16, 50), (24, 50), (32, 50), (8, 300), (16, 300)],
    "gaussian-real": [(8, 50)],
    "defective": [(4, 50)],
    "cluster-1e-6": [(8, 50)],
    "cluster-1e-20": [(4, 50)],
    "nearly-singular-D": [(8, 50)],
}
SIZES, DIGITS = (2, 4, 8, 16, 24, 32, 48, 64), (30, 50, 100, 300, 1000)
#: Sizes of the families other than Gaussian complex in the full grid.
FEWER_SIZES, FEWER_DIGITS = (4, 8, 16, 32), (50, 300)


def grid(quick: bool) -> list[tuple[str, int, int]]:
    from benchmarks.families import FAMILIES

    if quick:
        return [(family, d, n) for family, places in QUICK.items() for d, n in places]
    out = [("gaussian-complex", d, n) for n in DIGITS for d in SIZES]
    rest = [family for family in FAMILIES if family != "gaussian-complex"]
    return out + [(f, d, n) for f in rest for n in FEWER_DIGITS for d in FEWER_SIZES]


class Limits:
    """Predicts whether a method would take too long, from smaller cells it has done."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.seen: list[tuple[str, int, int, float]] = []

    def skips(self, method: str, d: int, digits: int) -> bool:
        """Cost grows like d³ and like digits once it is more than overhead; the largest cell
        done so far decides."""
        done = [
            (e * n, spent * (d / e) ** 3 * (digits / n))
            for name, e, n, spent in self.seen
            if name == method and e <= d and n <= digits and spent > 0.25
        ]
        return bool(done) and max(done)[1] > self.seconds

    def note(self, method: str, d: int, digits: int, spent: float) -> None:
        self.seen.append((method, d, digits, spent))


def measure(
    family: str, d: int, digits: int, seed: int, repeats: int, limits: Limits
) -> dict[str, Any]:
    """One cell: each method once untimed where it is quick, then timed in turn."""
    from benchmarks import methods
    from benchmarks.families import build

    from deepexp_exact.solving import choose_record

    problem = build(family, d, seed)
    record, loss = choose_record(problem, "auto")
    row: dict[str, Any] = {"family": family, "d": d, "digits": digits, "seed": seed}
    row |= {"alpha": str(record.alpha), "seconds": {}, "notes": {}, "errors": {}}
    results: dict[str, Any] = {}
    ways: dict[str, Callable[[], Any]] = {
        "c": lambda: methods.ours(problem, record, digits),
        "d": lambda: methods.ball_with_certificate(problem, record, digits),
        "e": lambda: methods.float64(problem, record),
        "a": lambda: methods.mpmath_script(problem, record, digits),
    }
    bits = _bits_for_flint(row, problem, record, digits, limits)
    if bits is not None:
        ways["b"] = lambda: methods.bare_flint(problem, record, bits)[0]
    spent: dict[str, list[float]] = {}
    for turn in range(repeats + 1):
        for name, way in ways.items():
            if name in row["notes"] or (turn > 1 and sum(spent.get(name, [])) > limits.seconds / 4):
                continue
            if turn == 0 and limits.skips(name, d, digits):
                row["notes"][name] = f">{limits.seconds:.0f} s"
                continue
            started = time.perf_counter()
            try:
                results[name] = way()
            except Exception as error:  # a method that fails is a result of the benchmark
                row["notes"][name] = type(error).__name__
                continue
            passed = time.perf_counter() - started
            if turn > 0 or passed > 5.0:  # the first turn warms caches
                spent.setdefault(name, []).append(passed)
    for name, times in spent.items():
        row["seconds"][name] = _median(times)
        limits.note(name, d, digits, row["seconds"][name])
    row["record_seconds"] = _record_time(problem, record, repeats)
    row["predicted_loss"] = loss
    _errors(row, results, digits)
    row["memory_mb"] = _peak_memory(ways["c"]) if "c" in results else None
    return row


def _median(times: Sequence[float]) -> float:
    ordered = sorted(times)
    return (
        ordered[len(ordered) // 2]
        if len(ordered) % 2
        else sum(ordered[len(ordered) // 2 - 1 : len(ordered) // 2 + 1]) / 2
    )


def _bits_for_flint(
    row: dict[str, Any], problem: Any, record: Any, digits: int, limits: Limits
) -> int | None:
    from benchmarks import methods

    if limits.skips("b", problem.d, digits):
        row["notes"]["b"] = f">{limits.seconds:.0f} s"
        return None
    try:
        bits = methods.lowest_bits(problem, record, digits)
    except methods.NotDelivered:
        row["notes"]["b"] = "fails"
        return None
    row["flint_bits"] = bits
    return bits


def _record_time(problem: Any, record: Any, repeats: int) -> float:
    from benchmarks import methods

    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        methods.fresh_record(problem, record)
        times.append(time.perf_counter() - started)
    return _median(times)


def _errors(row: dict[str, Any], results: dict[str, Any], digits: int) -> None:
    """Forward errors of all methods against the ball path's enclosure."""
    from benchmarks import methods

    from deepexp_exact.solving import solve

    if "c" in results:
        row["digits_carried"] = results["c"].digits_carried
        row["working_digits"] = results["c"].working_digits
    if "d" not in results:
        return
    problem, record = results["d"].problem, results["d"].record
    reference = solve(problem, digits=digits + 12, alpha=record.alpha, path="ball").weights
    for name, result in results.items():
        weights = result if isinstance(result, tuple) else result.weights
        row["errors"][name] = methods.forward_error(weights, reference, digits)


def _peak_memory(way: Callable[[], Any]) -> float:
    """Peak of what Python and NumPy allocate during one run, in MB (an extra, untimed run)."""
    import tracemalloc

    tracemalloc.start()
    try:
        way()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def _facts(arguments: argparse.Namespace) -> dict[str, Any]:
    import platform

    from deepexp_exact.certificate.document import installed_versions

    return {
        "command": " ".join(sys.argv),
        "seed": arguments.seed,
        "repeats": arguments.repeats,
        "blas_threads": arguments.threads,
        "processors": os.cpu_count(),
        "machine": platform.machine(),
        "system": platform.platform(),
        "versions": installed_versions(),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="a grid of less than 3 minutes")
    parser.add_argument("--out", type=Path, default=Path("benchmark-results"))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="BLAS threads")
    parser.add_argument("--limit", type=float, help="seconds beyond which a method is skipped")
    parser.add_argument("--cell", nargs=3, metavar=("FAMILY", "D", "DIGITS"), action="append")
    return parser.parse_args()


def main() -> int:
    arguments = _arguments()
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(arguments.threads)
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from benchmarks import tables

    if arguments.cell:
        places = [(family, int(d), int(digits)) for family, d, digits in arguments.cell]
    else:
        places = grid(arguments.quick)
    limits = Limits(arguments.limit or (3.0 if arguments.quick else 120.0))
    rows = []
    for number, (family, d, digits) in enumerate(places, 1):
        print(f"[{number}/{len(places)}] {family}, d = {d}, {digits} digits", file=sys.stderr)
        rows.append(measure(family, d, digits, arguments.seed, arguments.repeats, limits))
    facts = _facts(arguments)
    head = (
        f"Medians of {arguments.repeats}, {arguments.threads} BLAS thread(s), seed "
        f"{arguments.seed}; errors are forward errors of the worst weight; methods: "
        + ", ".join(f"({k}) {v}" for k, v in tables.METHODS.items())
    )
    tables.show(rows, head)
    for path in tables.write(rows, head, facts, arguments.out):
        print(f"written: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
