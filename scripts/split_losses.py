#!/usr/bin/env python3
"""Digits that the construction ``split`` loses, measured, against the table it was specified with.

    python scripts/split_losses.py [--sizes 2,3,4,8,16,32] [--digits 60] [--seeds 3] [--json FILE]

The weights of each instance (the predictor's choice) are computed with 40 digits more and every
entry is rounded to ``digits`` digits; f is evaluated from its definition by ``residuals.py`` alone.
The loss is digits + log10 of the larger relative residual: a first-order effect of rounding, the
same at any number of digits.  Families: X1 Gaussian and D of rank d − 1, d/2 or 1; X1 = I and D of
rank d − 1; X1⁻¹·X2 = I + 10⁻¹⁰·R; and the shipped problem color-spaces.  A row is the seed of
median loss.  Exit status 1 if one loses a digit more than the table says (color-spaces: more than
one).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import residuals
from campaigns.judging import table_of
from flint import fmpq

from deepexp_exact.exact import ExactMatrix, gaussian
from deepexp_exact.problems import Problem, load_problem
from deepexp_exact.threads import ONE_THREAD

#: Losses of the specification by family and size (one seed each, 60 digits).
TABLE: dict[str, dict[int, float]] = {
    "rank d-1": {2: 0.5, 3: 0.9, 4: 1.1, 8: 2.1, 16: 2.9, 32: 3.7},
    "rank d/2": {2: 0.5, 3: 1.7, 4: 1.2, 8: 2.5, 16: 2.6, 32: 3.6},
    "rank 1": {2: 0.5, 3: 1.7, 4: 1.0, 8: 3.2, 16: 3.8, 32: 3.4},
    "X1 = I": {2: 0.2, 3: 1.7, 4: 0.9, 8: 1.7, 16: 2.1, 32: 3.2},
    "nearly scalar": {2: 10.4, 3: 11.2, 4: 11.5, 8: 12.5, 16: 13.4, 32: 12.8},
}
COLOR_SPACES, ROOM, GUARD = 1.0, 1.0, 40


def drawn(rows: int, columns: int, rng: random.Random) -> ExactMatrix:
    """Complex Gaussian entries, rounded to 40 bits."""

    def part() -> fmpq:
        return fmpq(round(rng.gauss(0, 1) * 2**40), 2**40)

    return ExactMatrix.from_rows(
        [[gaussian(part(), part()) for _ in range(columns)] for _ in range(rows)]
    )


def build(family: str, d: int, seed: int) -> Problem:
    rng = random.Random(f"split-losses/{family}/{d}/{seed}")
    one = ExactMatrix.identity(d)
    X1 = one if family == "X1 = I" else drawn(d, d, rng)
    if family == "nearly scalar":
        D = (X1 @ drawn(d, d, rng)).scale(gaussian(fmpq(1, 10**10)))
    else:
        rank = {"rank d/2": max(d // 2, 1), "rank 1": 1}.get(family, d - 1)
        D = drawn(d, rank, rng) @ drawn(rank, d, rng)
    Y1, Y2 = drawn(d, d, rng), drawn(d, d, rng)
    return Problem(X1, X1 + D, Y1, Y2, name=f"{family}, d = {d}, seed {seed}")


def measured(problem: Problem, digits: int) -> dict[str, Any]:
    """The loss of the weights rounded to ``digits`` digits, and what was predicted."""
    from deepexp_exact import solve

    started = time.perf_counter()
    solution = solve(problem, digits=digits + GUARD, construction="split")
    seconds = time.perf_counter() - started
    table = table_of(problem, solution)
    table["weights"] = {name: rounded(rows, digits) for name, rows in table["weights"].items()}
    bits = 2 * residuals.longest(table["weights"]) + 400
    worst = max(value.upper() for value in residuals.enclosures(table, bits))
    logarithm = float(residuals.log10_text(worst).removeprefix("10^"))
    return {
        "problem": problem.name,
        "loss": digits + logarithm,
        "predicted": solution.predicted_loss,
        "q": solution.record.first_layer.parameters.q,  # type: ignore[union-attr]
        "seconds": round(seconds, 2),
    }


def rounded(rows: Any, digits: int) -> Any:
    """Every part of every entry to ``digits`` decimal digits of its own."""
    bits = math.ceil(digits * math.log2(10))

    def part(text: str) -> str:
        mantissa, _, exponent = residuals.exact_parts(text)
        excess = max(0, abs(mantissa).bit_length() - bits)
        half = (1 << excess) >> 1
        mantissa = (mantissa + half) >> excess
        return f"{'-' if mantissa < 0 else ''}{abs(mantissa):#x}p{exponent + excess}"

    return [[[part(text) for text in pair] for pair in row] for row in rows]


def rows(sizes: Sequence[int], digits: int, seeds: int) -> Iterator[dict[str, Any]]:
    """One row a family and size: the seed of median loss, and whether that is within the limit."""
    for family, by_size in TABLE.items():
        for d in sizes:
            ran = [measured(build(family, d, seed), digits) for seed in range(seeds)]
            yield ranked(ran, family, d, by_size[d] + ROOM)
    yield ranked([measured(load_problem("color-spaces"), digits)], "color-spaces", 3, COLOR_SPACES)


def ranked(ran: list[dict[str, Any]], family: str, d: int, limit: float) -> dict[str, Any]:
    ran.sort(key=lambda row: float(row["loss"]))
    middle, most = ran[len(ran) // 2], ran[-1]["loss"]
    own = {"family": family, "d": d, "limit": limit, "worst": most}
    return middle | own | {"within": middle["loss"] <= limit}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", default="2,3,4,8,16,32")
    parser.add_argument("--digits", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    os.environ |= dict.fromkeys(ONE_THREAD, "1")
    sizes = [int(text) for text in options.sizes.split(",")]
    found = []
    print(f"{'family':<15}{'d':>3}{'q':>4}  lost  worst  predicted  limit      s")
    for row in rows(sizes, options.digits, options.seeds):
        found.append(row)
        print(
            f"{row['family']:<15}{row['d']:>3}{row['q']:>4}{row['loss']:>6.1f}{row['worst']:>7.1f}"
            f"{row['predicted']:>11.1f}{row['limit']:>7.1f}{row['seconds']:>7.1f}"
            f"{'' if row['within'] else '  TOO MUCH'}",
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return int(not all(row["within"] for row in found))


if __name__ == "__main__":
    sys.exit(main())
