"""Logarithms and exponentials that trackers report as wrong, answered by mpmath, SciPy and this
package: `python scripts/compare_logarithms.py` prints the table of docs/comparison.md.

Each answer of another library is held against the certified one: its relative error (Frobenius),
and exp of it against K.  A case that may not return runs in a process with a time limit.
"""

from __future__ import annotations

import math
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: Decimal digits of mpmath's computations, and of ours.
DIGITS = 30
#: Seconds after which a library that has not answered is stopped.
LIMIT = 3
#: Relative errors up to which an answer counts as the same: float64's, and mpmath's at 30 digits.
SAME = {"mpmath": 1e-20, "SciPy": 1e-8}


@dataclass(frozen=True)
class Case:
    """One matrix: exact entries as texts, its description, the function, whether a library may
    not return."""

    words: str
    rows: list[list[str]]
    function: str = "logm"
    guarded: bool = False
    from_float: bool = False


def _rotation(share: float) -> list[list[str]]:
    """The float64 rotation by share·π."""
    c, s = math.cos(share * math.pi), math.sin(share * math.pi)
    return [[repr(c), repr(-s)], [repr(s), repr(c)]]


CASES = (
    Case("diag(−1, 1)", [["-1", "0"], ["0", "1"]]),
    Case("rotation by π, −I", [["-1", "0"], ["0", "-1"]]),
    Case("defective at −1, [[−1, 1], [0, −1]]", [["-1", "1"], ["0", "-1"]]),
    Case(
        "eigenvalues −1 and −2, [[1 − i, 3 + i], [−1 + 2i, −4 + i]]",
        [["1-i", "3+i"], ["-1+2i", "-4+i"]],
    ),
    Case("real rotation by 0.98π", _rotation(0.98), from_float=True),
    Case("quarter turn, [[0, 1], [−1, 0]]", [["0", "1"], ["-1", "0"]]),
    Case("diag(2, −1 − 10⁻²⁰·i)", [["2", "0"], ["0", "-1-1e-20i"]]),
    Case("10⁻¹⁰·diag(1, −1 + i/100)", [["1e-10", "0"], ["0", "-1e-10+1e-12i"]]),
    Case("[[30, 20], [−50, −30]]", [["30", "20"], ["-50", "-30"]]),
    Case("singular, [[1, 1], [1, 1]]", [["1", "1"], ["1", "1"]], guarded=True),
    Case("zero", [["0", "0"], ["0", "0"]], guarded=True),
    Case("exp of [[0, 10³⁰⁸], [0, 0]]", [["0", "1e308"], ["0", "0"]], "expm"),
)


def mpmath_answer(case: Case) -> Any:
    """mpmath's logarithm or exponential at :data:`DIGITS` digits."""
    import mpmath

    from deepexp_exact import ExactMatrix

    with mpmath.workdps(DIGITS):
        matrix = mpmath.matrix(ExactMatrix.from_rows(case_rows(case)).to_mpmath())
        return getattr(mpmath, case.function)(matrix)


def scipy_answer(case: Case) -> Any:
    """SciPy's, of the matrix rounded to float64."""
    import numpy as np
    import scipy.linalg

    from deepexp_exact import ExactMatrix

    matrix = ExactMatrix.from_rows(case_rows(case)).to_numpy()
    if not np.asarray(matrix).imag.any():
        matrix = np.asarray(matrix).real
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(getattr(scipy.linalg, case.function)(matrix))


ANSWERS: dict[str, Callable[[Case], Any]] = {"mpmath": mpmath_answer, "SciPy": scipy_answer}


def case_rows(case: Case) -> list[list[Any]]:
    """The entries: texts, or the floats that were meant."""
    return [[float(x) for x in row] for row in case.rows] if case.from_float else case.rows


def entry(z: Any) -> str:
    """An entry for the table, in units of π where it is an imaginary multiple of it."""
    z = complex(z)
    if not (math.isfinite(z.real) and math.isfinite(z.imag)):
        return "NaN"
    parts = []
    if abs(z.real) > 1e-9 * max(1, abs(z.imag)):
        parts.append(f"{z.real:.4g}")
    if abs(z.imag) > 1e-9 * max(1, abs(z.real)):
        parts.append(f"{z.imag / math.pi:+.4g}πi" if parts else f"{z.imag / math.pi:.4g}πi")
    return "".join(parts).replace("-", "−") or "0"


def shown(value: Any) -> str:
    """A 2×2 matrix in one line."""
    rows = value.tolist()
    return "[" + ", ".join("[" + ", ".join(map(entry, row)) + "]" for row in rows) + "]"


def ours(case: Case) -> tuple[Any, str]:
    """The certified answer (None where there is none) and its words."""
    from deepexp_exact import DeepexpError, expm, logm

    try:
        function = logm if case.function == "logm" else expm
        found = function(case_rows(case), DIGITS)
    except DeepexpError as error:
        return None, f"{type(error).__name__}: {error.message}"
    return found.value, shown(found.value)


def verdict(case: Case, library: str, correct: Any) -> str:
    """What a library answers, and what is wrong with it."""
    try:
        found = ANSWERS[library](case)
    except Exception as error:  # whatever a library raises is its answer
        return f"{type(error).__name__}"
    if any(entry(z) == "NaN" for row in found.tolist() for z in row):
        return f"**{shown(found)}**, silently"
    if correct is None:
        return f"**a finite matrix**, entries up to {largest(found):.1e}"
    error = relative_error(found, correct)
    if error <= SAME[library]:
        return f"right to {'all digits' if error == 0 else f'{-math.log10(error):.0f} digits'}"
    residual = exponential_residual(case, found)
    tells = f", yet exp of it is K to {-math.log10(residual):.0f} digits" if residual else ""
    return f"**{shown(found)}**{tells}"


def largest(value: Any) -> float:
    return max(abs(complex(z)) for row in value.tolist() for z in row)


def relative_error(found: Any, correct: Any) -> float:
    """‖found − correct‖/‖correct‖."""
    import mpmath

    with mpmath.workdps(2 * DIGITS):
        size = mpmath.mnorm(correct, "f")
        return float(mpmath.mnorm(mpmath.matrix(found.tolist()) - correct, "f") / size)


def exponential_residual(case: Case, found: Any) -> float:
    """‖exp(found) − K‖/‖K‖, at twice the digits; 0 where it is above 10⁻⁴."""
    import mpmath

    from deepexp_exact import ExactMatrix

    with mpmath.workdps(2 * DIGITS):
        K = mpmath.matrix(ExactMatrix.from_rows(case_rows(case)).to_mpmath())
        back = mpmath.expm(mpmath.matrix(found.tolist())) - K
        residual = float(mpmath.mnorm(back, "f") / mpmath.mnorm(K, "f"))
    return residual if 0 < residual < 1e-4 else 0.0


def guarded(index: int, library: str) -> str:
    """:func:`verdict` in a process of its own, which is stopped after :data:`LIMIT` seconds."""
    command = [sys.executable, __file__, "--one", str(index), library]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return "**does not return**"
    return done.stdout.strip() or f"**{done.stderr.strip().splitlines()[-1]}**"


def _limited() -> None:
    """Processor time, which does not depend on how busy the machine is."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT + 1))


def one(index: int, library: str) -> str:
    """The verdict of one case under a limit of processor time."""
    import signal

    def stop(*_: object) -> None:
        print(f"**no answer in {LIMIT} s**", flush=True)
        raise SystemExit

    signal.signal(signal.SIGXCPU, stop)
    _limited()
    return verdict(CASES[index], library, ours(CASES[index])[0])


def rows() -> list[tuple[str, ...]]:
    """One row a case: words, mpmath, SciPy, ours."""
    out = []
    for index, case in enumerate(CASES):
        correct, words = ours(case)
        cells = [
            guarded(index, library) if case.guarded else verdict(case, library, correct)
            for library in ANSWERS
        ]
        out.append((case.words, *cells, words))
    return out


def markdown() -> str:
    """The table with the versions measured."""
    from importlib.metadata import version

    names = [f"{name} {version(name.lower())}" for name in ANSWERS]
    lines = ["| K | " + " | ".join(names) + " | deepexp-exact |", "|---|---|---|---|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows()]
    return "\n".join(lines)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(one(int(sys.argv[2]), sys.argv[3]))
    else:
        print(markdown())
