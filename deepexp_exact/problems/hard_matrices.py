"""Published hard matrices for the exponential and the logarithm, written from their definitions.

Ward 1977 (tests 1 to 4), Moler & Van Loan 1978, Laub, Burkardt's test set as SciPy uses it
(``linalg/tests/test_matfuncs.py``, ``sparse/linalg/tests/test_matfuncs.py``: nilpotent, 1 ± eps,
Pascal), Al-Mohy & Higham 2009, Kenney & Laub 1989 (p. 206) and 1998 (examples 2 and 3), Najfeld &
Havel 1995 (p. 370), Davies & Higham 2003 (example 3), Fasi & Higham 2019, Trefethen & Embree 2005
(equation 14.17), Godunov's demonstration matrix of EigTool.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

from flint import fmpq

from ..exact import ExactMatrix
from .families import jordan

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


def nearly_defective(n: int, gap: str) -> ExactMatrix:
    """A Jordan block with eigenvalue 1 whose diagonal is spread: 1, 1 + gap, 1 + 2·gap, ..."""
    spread = [Fraction(gap) * j for j in range(n)]
    return jordan([(1, n)]) + ExactMatrix.diagonal(spread)


def graded(n: int, ratio: int) -> ExactMatrix:
    """Entries (δ + 1/(r + c + 1))·ratio^(1 − max(r, c)), r, c from 0: smaller towards the end."""
    return rows(
        [
            [
                (int(r == c) + Fraction(1, r + c + 1)) * Fraction(ratio) ** (1 - max(r, c))
                for c in range(n)
            ]
            for r in range(n)
        ]
    )


def overscaled(b: int) -> ExactMatrix:
    """[[1 − b/2, b/2], [−b/2, 1 + b/2]]: a double eigenvalue 1, norm b (Al-Mohy & Higham 2009)."""
    half = Fraction(b, 2)
    return rows([[1 - half, half], [-half, 1 + half]])


def overscaled_pair(b: int, x: int) -> ExactMatrix:
    """[[A, x·E], [0, −A]] with A = overscaled(b), E of ones (Al-Mohy & Higham 2009)."""
    half = Fraction(b, 2)
    return rows(
        [
            [1 - half, half, x, x],
            [-half, 1 + half, x, x],
            [0, 0, half - 1, -half],
            [0, 0, half, -1 - half],
        ]
    )


def najfeld_havel() -> ExactMatrix:
    """T·diag(1/1000, 1, 100)·T⁻¹ with nearly parallel columns of T."""
    T = rows([[1, 10, 100], [1, 9, 100], [1, 11, 99]])
    return T @ ExactMatrix.diagonal([fmpq(1, 1000), 1, 100]) @ T.inverse()


def davies_higham() -> ExactMatrix:
    """Upper triangular, diagonal −16, −16, −1, −1, above it 2^60, all over 10^4."""
    diagonal = (-16, -16, -1, -1)
    return rows(
        [
            [Fraction(diagonal[r] if r == c else 2**60 * int(c > r), 10**4) for c in range(4)]
            for r in range(4)
        ]
    )


def godunov() -> ExactMatrix:
    """Godunov's 7×7 matrix over 100: real eigenvalues 0, ±1, ±2, ±4 hidden by non-normality."""
    table = [
        [289, 2064, 336, 128, 80, 32, 16],
        [1152, 30, 1312, 512, 288, 128, 32],
        [-29, -2000, 756, 384, 1008, 224, 48],
        [512, 128, 640, 0, 640, 512, 128],
        [1053, 2256, -504, -384, -756, 800, 208],
        [-287, -16, 1712, -128, 1968, -30, 2032],
        [-2176, -287, -1565, -512, -541, -1152, -289],
    ]
    return rows([[Fraction(v, 100) for v in row] for row in table])


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
#: More of them, for forward errors: invertible and singular ones.
MORE = {
    "nearly-defective-1e-10": nearly_defective(4, "1e-10"),
    "nearly-defective-1e-20": nearly_defective(3, "1e-20"),
    "graded-10": graded(5, 10),
    "graded-1000": graded(5, 1000),
    "al-mohy-higham-1e4": overscaled(10**4),
    "al-mohy-higham-1e10": overscaled_pair(10**3, 10**10),
    "kenney-laub-1989": rows(
        [[48, -49, 50, 49], [0, -2, 100, 0], [0, -1, -2, 1], [-50, 50, 50, -52]]
    ),
    "kenney-laub-1998-2": rows([["0.1", 10**6], [0, "0.1"]]),
    "kenney-laub-1998-3": rows([[-1, 10**7], [0, -(10**7)]]),
    "najfeld-havel": najfeld_havel(),
    "davies-higham": davies_higham(),
    "godunov": godunov(),
    "fasi-higham": rows(
        [
            [1, 1, 1, "0.1"],
            [1, 1, 1, 10 * EPS],
            [1, 1, 1, 100 * EPS],
            [1, 1, 1, 1000 * EPS],
        ]
    ),
    "trefethen-embree": rows([[0, 10, 20], ["-0.1", 0, 30], [0, 0, 0]]),
}
#: Every one of them by name.
HARD = INVERTIBLE | SINGULAR | MORE
