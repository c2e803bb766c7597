#!/usr/bin/env python3
"""Forward errors of the multiprecision path's exponential and logarithm on published hard matrices.

    python scripts/forward_errors.py [--digits 16 50 200 1000] [--out out/forward-errors]

Every matrix of ``deepexp_exact.problems.hard_matrices`` is exact.  For each number of digits N:

  functions  exp(A) by ``exponential.expm`` and log(K) by ``logarithm.logarithm`` (the general
             method's: Taylor polynomials with squarings; generalised eigenspaces), asked for N
             digits.  They choose a working precision of w bits (N digits and guard bits) and return
             w-bit matrices.  u = 2^−w, the unit roundoff at that working precision.
  scipy      scipy.linalg.expm(A) and logm(K) in float64, real arrays where the matrix is real, as
             they come; u = 2^−53.
  path       L = log K and A = exp(W1·X1) as ``solve`` returns them, by its fast method where that
             does not decline, for problems with Y1⁻¹·Y2 = K and with D = I, X1 = A, W1 = c·I,
             c = log α, α by the rule ``auto``.  u = 10^−n, n the digits that the solution carries.

error = ‖computed − exact‖_F/‖exact‖_F, unrounded; exact is an enclosure by the ball path (Arb's
exponential; the recorded logarithm), 2^20 times finer than u.  κ is the relative condition number
‖f'(A)‖·‖A‖_F/‖f(A)‖_F in the Frobenius norm (Higham, *Functions of Matrices*, theorem 3.1 and
sections 10.2 and 11.2): the 2-norm of the d²×d² matrix of the Fréchet derivative, whose columns for
exp are blocks of exp [[A, E], [0, A]] (theorem 3.6) in balls, and for log the inverse of that of
exp at log K.  An algorithm that is forward stable has error ≤ (a modest multiple of d)·max(1, κ)·u;
a result of w bits cannot be expected to be better than u itself, hence the 1.

A function may work with less stability if it works with more bits: what it must deliver are the
digits asked.  The functions named in BEYOND do so on the matrices named there (nearly parallel
eigenvectors; squarings of a matrix of norm 10^14 whose eigenvalues are small).

Writes forward-errors.json, .md, .tex, .csv and the figure (PDF, SVG, PNG).  Exit status 1 if the
error of a function exceeds 10^−N, or any error 10·d·max(1, κ)·u except as BEYOND says.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from forward_error_reports import MULTIPLE, figure, table
from references import (
    CEILING,
    argument,
    condition_of_exp,
    condition_of_log,
    log2_size,
    recorded_log,
    refine,
)

#: Digits of the full run.
DIGITS = (16, 50, 200, 1000)
#: Digits that a problem may lose by prediction to be solved here.
MOST_LOSS = 1000
#: (function, source, matrix) that take minutes each: the path's answer needs exp(−Z) of a Z of norm
#: 10^50.
LEFT_OUT = (("log", "path", "davies-higham"),)
#: (function, source) → matrices on which the error at working precision may exceed the multiple.
BEYOND: dict[tuple[str, str], tuple[str, ...]] = {
    ("exp", "function"): ("davies-higham",),
    ("log", "function"): ("nearly-defective-1e-10", "nearly-defective-1e-20", "al-mohy-higham"),
}


@dataclass(frozen=True)
class Point:
    """One computed matrix: log2 of κ, u and the relative error (None if it is exact)."""

    function: str
    source: str
    method: str
    matrix: str
    d: int
    digits: int
    kappa: float
    unit: float
    error: float | None

    @property
    def over_unit(self) -> float | None:
        """log10 of error/u."""
        return None if self.error is None else (self.error - self.unit) * math.log10(2)

    @property
    def ratio(self) -> float | None:
        """log10 of error/(max(1, κ)·u)."""
        if self.over_unit is None:
            return None
        return self.over_unit - max(0.0, self.kappa) * math.log10(2)

    @property
    def within(self) -> bool:
        """Whether the error is at most MULTIPLE·d·max(1, κ)·u."""
        return self.ratio is None or self.ratio <= math.log10(MULTIPLE * self.d)

    @property
    def delivered(self) -> bool:
        """Whether the error is at most 10^−digits, as asked."""
        return self.error is None or self.error <= -self.digits * math.log2(10)

    @property
    def expected(self) -> bool:
        """Whether the digits asked are there (of a function; the path promises them for its
        weights), and the error is within the multiple or named in BEYOND."""
        named = self.matrix in BEYOND.get((self.function, self.source), ())
        if self.source == "scipy":  # held beside, promised by nobody here
            return True
        return (self.within or named) and (self.delivered or self.source == "path")


# ------------------------------------------------------------------------------- what is measured


def error_of(computed: Any, exact: Callable[[], Any], unit: float) -> float | None:
    """log2 of the relative error of an mpmath matrix; None if it is 0 to 2^−20·u or less.

    Halves of the enclosure's width count as error."""
    from flint import ctx

    from deepexp_exact.exact.binary import exact_balls

    fine = math.ceil(-unit) + 20
    reference = refine(exact, fine + 64, fine)
    given = exact_balls(computed)
    with ctx.workprec(4 * fine + 4000):
        found = log2_size(given - reference) - log2_size(reference)
    return None if found <= unit - 19 else found


def mantissa(matrix: Any) -> int:
    """The largest precision, in bits, among the entries of an array of gmpy2 numbers."""
    found = []
    for x in matrix.flat:
        found.append(max(x.precision) if isinstance(x.precision, tuple) else x.precision)
    return max(found)


def problem_of_log(matrix: Any) -> Any:
    """K = the matrix, D = I, X1 diagonal."""
    from fractions import Fraction

    from deepexp_exact.exact import ExactMatrix
    from deepexp_exact.problems import Problem

    one = ExactMatrix.identity(matrix.rows)
    X1 = ExactMatrix.diagonal([Fraction(j + 1, 8) for j in range(matrix.rows)])
    return Problem(X1, X1 + one, one, matrix)


def problem_of_exp(matrix: Any) -> Any:
    """W1·X1 = c·matrix, K near I."""
    from fractions import Fraction

    from deepexp_exact.exact import ExactMatrix
    from deepexp_exact.problems import Problem

    one = ExactMatrix.identity(matrix.rows)
    K = ExactMatrix.diagonal([1 + Fraction(j + 1, 100) for j in range(matrix.rows)])
    return Problem(matrix, matrix + one, one, K)


def solved(problem: Any, record: Any, digits: int) -> tuple[Any, str]:
    """The path's solution and the method that made it."""
    from deepexp_exact.paths.multiprecision.network.weights import solve_general
    from deepexp_exact.paths.multiprecision.shift.fast import solve_fast
    from deepexp_exact.solution import Solution

    quick = solve_fast(problem, record, digits)
    if isinstance(quick, Solution):
        return quick, "fast"
    return solve_general(problem, record, digits), "general"


@cache
def prepared(function: str, name: str, source: str) -> tuple[Any, Any, float, Callable[[], Any]]:
    """Problem, record, log2 κ and the reference at the current precision, for all digits alike."""
    from deepexp_exact.problems.hard_matrices import HARD
    from deepexp_exact.solving import choose_record

    matrix = HARD[name]
    if function == "log":
        problem = problem_of_log(matrix)
        record, _ = choose_record(problem)
        kappa = _kappa_of_log(name)
        return problem, record, kappa, lambda: recorded_log(problem, record)
    problem = problem_of_exp(matrix)
    record, _ = choose_record(problem)
    c = record if source == "path" else None
    kappa = condition_of_exp(matrix, c)
    return problem, record, kappa, lambda: argument(matrix, c).exp()


@cache
def _kappa_of_log(name: str) -> float:
    from deepexp_exact.problems.hard_matrices import HARD
    from deepexp_exact.solving import choose_record

    problem = problem_of_log(HARD[name])
    return condition_of_log(problem, choose_record(problem)[0])


def by_function(function: str, name: str, digits: int) -> Point:
    """exp(A) or log(K) by the general method's own function, asked for so many digits."""
    from deepexp_exact.paths.multiprecision.functions import arrays
    from deepexp_exact.paths.multiprecision.functions.exponential import expm
    from deepexp_exact.paths.multiprecision.functions.logarithm import logarithm

    problem, record, kappa, exact = prepared(function, name, "function")
    bits = math.ceil(digits * arrays.LOG2_10)
    if function == "log":
        value = logarithm(record.logarithm, problem.quotient, bits, CEILING).value
    else:
        with arrays.precision(4 * bits + 4096):  # expm takes its argument as exact
            a = arrays.from_exact(problem.X1)
        value = expm(a, bits, CEILING).value
    unit = -float(mantissa(value))
    error = error_of(arrays.to_mpmath(value), exact, unit)
    return Point(function, "function", "general", name, problem.d, digits, kappa, unit, error)


def by_path(function: str, name: str, digits: int) -> Point | None:
    """log K or exp(W1·X1) of the path's solution with so many digits; None if it is left out."""
    from deepexp_exact.alpha import predicted_loss

    if (function, "path", name) in LEFT_OUT:
        return None
    problem, record, kappa, exact = prepared(function, name, "path")
    if predicted_loss(problem, record.alpha, ks=record.ks) > MOST_LOSS:
        return None
    solution, method = solved(problem, record, digits)
    unit = -solution.digits_carried * math.log2(10)
    computed = solution.L if function == "log" else solution.A
    error = error_of(computed, exact, unit)
    return Point(function, "path", method, name, problem.d, digits, kappa, unit, error)


def by_scipy(function: str, name: str) -> Point | None:
    """scipy.linalg's expm or logm of the matrix in float64; None where it does not fit."""
    import warnings

    import mpmath
    import numpy as np
    from scipy.linalg import expm, logm

    problem, _, kappa, exact = prepared(function, name, "function")
    given = (problem.Y2 if function == "log" else problem.X1).to_numpy()
    a = given if given.imag.any() else given.real
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.random.seed(0)  # logm estimates norms with random numbers
        try:
            value = (logm if function == "log" else expm)(a)
        except (ValueError, OverflowError, np.linalg.LinAlgError):
            return None
    if not (np.isfinite(given).all() and np.isfinite(value).all()):
        return None
    error = error_of(mpmath.matrix(value.tolist()), exact, -53.0)
    method = "real" if not np.iscomplexobj(a) else "complex"
    return Point(function, "scipy", method, name, problem.d, 16, kappa, -53.0, error)


def measure(
    digits: Sequence[int], names: Sequence[str], tell: Callable[[str], None]
) -> list[Point]:
    """Every matrix, function and source, in order of κ."""
    from deepexp_exact.problems.hard_matrices import HARD

    out = []
    for function in ("exp", "log"):
        for name in names:
            if function == "log" and not HARD[name].is_invertible():
                continue
            for source in (by_function, by_path):
                for n in digits:
                    point = source(function, name, n)
                    if point is None:
                        tell(f"{function} {name}, {n} digits: left out")
                        continue
                    out.append(point)
                    tell(f"{function} {name} {point.source} ({point.method}) {n} digits")
            if (point := by_scipy(function, name)) is not None:
                out.append(point)
    return sorted(out, key=lambda p: (p.function, p.source, p.kappa, p.matrix, p.digits))


# ------------------------------------------------------------------------------------- reports


def worst(points: Sequence[Point]) -> list[str]:
    """The largest ratio for each function, source and digits, as lines for people, without the
    matrices in BEYOND, which follow."""
    from deepexp_exact.report.tables import power

    out = []
    groups = sorted({(p.function, p.source, p.digits) for p in points})
    for function, source, n in groups:
        here = [
            p
            for p in points
            if (p.function, p.source, p.digits) == (function, source, n)
            and p.ratio is not None
            and p.matrix not in BEYOND.get((function, source), ())
        ]
        top = max(here, key=lambda p: p.ratio or 0.0, default=None)
        if top is not None and top.ratio is not None:
            out.append(
                f"{function} {source:8} {n:5} digits: largest error/(max(1, κ)·u) = "
                f"{power(top.ratio)} ({top.matrix}, {top.method} method, "
                f"κ = {power(top.kappa * math.log10(2))})"
            )
    for p in points:
        if not p.within and p.expected and p.ratio is not None:
            out.append(
                f"{p.function} {p.source:8} {p.digits:5} digits: {p.matrix} "
                f"{power(p.ratio)}, met with guard bits: error/10^−digits = "
                f"{power(((p.error or 0.0) + p.digits * math.log2(10)) * math.log10(2))}"
            )
    return out


def write(points: Sequence[Point], out: Path) -> None:
    """JSON, tables and figure."""
    from deepexp_exact.certificate import installed_versions
    from deepexp_exact.files import write_json, write_text
    from deepexp_exact.report.figures import write_figure

    out.mkdir(parents=True, exist_ok=True)
    write_json(
        out / "forward-errors.json",
        {
            "format": "deepexp-exact/forward-errors",
            "version": 1,
            "command": " ".join(["forward_errors.py", *sys.argv[1:]]),
            "versions": installed_versions(),
            "multiple": MULTIPLE,
            "log2": [asdict(p) | {"within": p.within} for p in points],
        },
    )
    found = table(points)
    write_text(out / "forward-errors.md", found.to_markdown())
    write_text(out / "forward-errors.tex", found.to_latex())
    write_text(out / "forward-errors.csv", found.to_csv())
    write_figure(figure(points), out)


def main() -> int:
    from deepexp_exact.problems.hard_matrices import HARD

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--digits", type=int, nargs="+", default=list(DIGITS))
    parser.add_argument("--matrix", nargs="+", choices=sorted(HARD), default=sorted(HARD))
    parser.add_argument("--out", type=Path, default=Path("out/forward-errors"), metavar="FOLDER")
    options = parser.parse_args()
    points = measure(
        sorted(options.digits), options.matrix, lambda text: print(text, file=sys.stderr)
    )
    write(points, options.out)
    print("\n".join(worst(points)))
    bad = [p for p in points if not p.expected]
    for p in bad:
        print(f"NOT AS STATED: {p}")
    print(f"written: {options.out}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
