"""Published hard matrices for the exponential and the logarithm, written from their definitions.

SciPy's tests (``linalg/tests/test_matfuncs.py``, ``sparse/linalg/tests/test_matfuncs.py``) and
Burkardt's test set: Laub, Moler & Van Loan, Ward 1–4, nilpotent, 1 ± eps, Pascal.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

from deepexp_exact.exact import ExactMatrix

EPS = Fraction(1, 2**52)


def rows(table: list[list[object]]) -> ExactMatrix:
    return ExactMatrix.from_rows(table)


def ward_four() -> ExactMatrix:
    """Ones above the diagonal and 1e-10 in the corner: a Jordan block of size 10, perturbed."""
    table: list[list[object]] = [[1 if c == r + 1 else 0 for c in range(10)] for r in range(10)]
    table[9][0] = "1e-10"
    return rows(table)


def pascal_generator(n: int, scale: str = "1") -> ExactMatrix:
    """1, 2, ..., n − 1 below the diagonal, scaled: its exponential is the lower Pascal matrix."""
    factor = Fraction(scale)
    return rows([[r * factor if c == r - 1 else 0 for c in range(n)] for r in range(n)])


def pascal(n: int, scale: str = "1") -> ExactMatrix:
    """The lower Pascal matrix C(r, c)·scale^(r − c)."""
    factor = Fraction(scale)
    return rows(
        [[comb(r, c) * factor ** (r - c) if c <= r else 0 for c in range(n)] for r in range(n)]
    )


def jordan_block(value: str, n: int) -> ExactMatrix:
    return rows([[value if c == r else int(c == r + 1) for c in range(n)] for r in range(n)])


#: Invertible ones: as K = Y1⁻¹·Y2, and as W1·X1.
INVERTIBLE = {
    "laub": rows([[0, 1], [-39, -40]]),
    "moler-van-loan": rows([[-49, 24], [-64, 31]]),
    "ward-1": rows([[4, 2, 0], [1, 4, 1], [1, 1, 4]]),
    "ward-2": rows(
        [
            ["29.87942128909879", "0.7815750847907159", "-2.289519314033932"],
            ["0.7815750847907159", "25.72656945571064", "8.680737820540137"],
            ["-2.289519314033932", "8.680737820540137", "34.39400925519054"],
        ]
    ),
    "ward-3": rows([[-131, 19, 18], [-390, 56, 54], [-387, 57, 52]]),
    "ward-4": ward_four(),
    "burkardt-8": rows([[21, 17, 6], [-5, -1, -6], [4, 4, 16]]),
    "burkardt-9": rows([[1, 2, 2, 2], [3, 1, 1, 2], [3, 2, 1, 2], [3, 3, 3, 1]]),
    "one-plus-minus-eps": rows([[1 + EPS, 1], [0, 1 - EPS]]),
    "unit-jordan": rows([[1, 1], [0, 1]]),
    "quarter-turn": rows([[0, 1], [-1, 0]]),
    "mixed-signs": rows([[-1, 0, 0], [0, 2, 0], [0, 0, -3]]),
    "al-mohy-higham": rows([["0.3", "30000", 0], [0, "0.30000001", "30000"], [0, 0, "0.29999999"]]),
    "pascal": pascal(6),
    "pascal-scaled": pascal(5, "1/1000"),
}
#: Singular ones: as W1·X1 alone.
SINGULAR = {
    "nilpotent": rows([[0, 6, 0, 0], [0, 0, 6, 0], [0, 0, 0, 6], [0, 0, 0, 0]]),
    "pascal-generator": pascal_generator(7),
    "pascal-generator-scaled": pascal_generator(7, "1/1000000"),
}
