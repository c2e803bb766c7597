#!/usr/bin/env python3
"""Solve and certify many random problems, and hold both checkers to them.

    python scripts/soak_certificates.py [--count 1000] [--digits 50] [--max-d 6] [--seed 0]

Problem j takes family, dimension, seed, α and branch in turn.  Its certificate must be accepted by
both checkers, and the same certificate with one weight changed in the middle of its digits (hash
recomputed) must be refused by both.  Prints the counts; exit status 1 if one of them is not 0.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import json
import random
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from deepexp_exact.certificate import (
    Dyadic,
    canonical_sha256,
    certified_certificate,
    check_certificate,
    write_certificate,
)
from deepexp_exact.errors import DeepexpError
from deepexp_exact.exact import gaussian, rational
from deepexp_exact.problems.families import FAMILIES
from deepexp_exact.solving import choose_record, path_solver

ALPHAS = [gaussian(3), gaussian(0, 1), gaussian(-1), gaussian(rational(1, 3))]
CHECKER = Path(__file__).parents[1] / "proofs" / "checker" / "check_certificate.py"


def standard_checker() -> Any:
    spec = importlib.util.spec_from_file_location("check_certificate", CHECKER)
    if spec is None or spec.loader is None:
        raise ImportError(str(CHECKER))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def forge(table: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Change the largest entry of a random weight in its digit number digits/2."""
    zero = all(part == "0x0p0" for row in table["weights"]["W2"] for z in row for part in z)
    name = "W3" if zero else rng.choice(["W1", "W2", "W3"])  # with W2 = 0, W1 may be anything
    rows = table["weights"][name]
    places = [(r, c, p) for r in range(len(rows)) for c in range(len(rows)) for p in (0, 1)]
    r, c, p = max(places, key=lambda at: Dyadic.parse(rows[at[0]][at[1]][at[2]]).log10())
    value = Dyadic.parse(rows[r][c][p])
    unit = value.exponent + value.mantissa.bit_length() - int(table["digits"] * 1.66)
    low = min(unit, value.exponent)
    rows[r][c][p] = str(
        Dyadic.of((value.mantissa << value.exponent - low) + (1 << unit - low), low)
    )
    return table | {"sha256": canonical_sha256(table)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("count", 1000), ("digits", 50), ("max-d", 6), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    standard, counts, rng = standard_checker(), Counter[str](), random.Random(options.seed)
    seconds: Counter[str] = Counter()
    families = sorted(FAMILIES)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "certificate.json"

        def verdicts() -> tuple[int, int]:
            started = time.perf_counter()
            with contextlib.redirect_stdout(io.StringIO()):
                first = standard.check(str(path))
            middle = time.perf_counter()
            second = check_certificate(path).status
            seconds["standard"] += middle - started
            seconds["balls"] += time.perf_counter() - middle
            return first, second

        for j in range(options.count):
            family = FAMILIES[families[j % len(families)]]
            sizes = [1, 2, 4] if family.name in ("hadamard-K", "dft-K") else range(1, 99)
            d = rng.choice([n for n in sizes if n <= options.max_d])
            problem = family.build(d, rng.randrange(10**6))
            path_name = "multiprecision" if j % 4 == 3 else "ball"
            try:
                alpha = "auto" if j % 7 == 0 or "singular" in family.name else rng.choice(ALPHAS)
                if "singular" in family.name and d == 1:
                    # every α loses the same; a real one leaves the format's range of exponents
                    alpha = gaussian(0, 1)
                record, _ = choose_record(problem, alpha)
                started = time.perf_counter()
                solution = path_solver(path_name, "shift")(problem, record, options.digits)
                certificate = certified_certificate(solution, f"soak {j}", j)
                seconds["solve and certify"] += time.perf_counter() - started
            except DeepexpError as error:
                counts[f"not solved: {type(error).__name__}"] += 1
                print(f"{problem.name} ({path_name}): {error}")
                continue
            write_certificate(certificate, path)
            counts["certificates"] += 1
            for name, status in zip(("standard", "balls"), verdicts(), strict=True):
                if status:
                    counts[f"true certificate refused ({name})"] += 1
                    print(f"{problem.name}: refused by {name}")
            path.write_text(json.dumps(forge(certificate.to_json(), rng)))
            for name, status in zip(("standard", "balls"), verdicts(), strict=True):
                if not status:
                    counts[f"forged certificate accepted ({name})"] += 1
                    print(f"{problem.name}: forgery accepted by {name}")
    for name, count in sorted(counts.items()):
        print(f"{count:6d} {name}")
    for name, total in seconds.items():
        print(f"{total:8.1f} s {name}")
    return int(set(counts) != {"certificates"})


if __name__ == "__main__":
    raise SystemExit(main())
