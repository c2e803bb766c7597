"""Matrices of balls: exact input, Frobenius norms and radii, rounding of midpoints.

Norms are upper (or lower) bounds and are computed with :data:`NORM_BITS` bits whatever the working
precision is.  A matrix with a NaN or infinite ball never passes :func:`require_finite`.
"""

from __future__ import annotations

import math
from typing import Any

from flint import acb, acb_mat, arb, ctx, fmpq, fmpz

from ....exact import ExactMatrix, GaussianRational, binary
from ....precision import MoreBits
from ....spectrum.similarity import beyond_exponential, reduced

#: Bits used for norms; they are bounds, not approximations.
NORM_BITS = 53


def from_rational(value: GaussianRational) -> Any:
    """The ball of an exact number at the current precision."""
    return acb(arb(value.re), arb(value.im))


def from_exact(matrix: ExactMatrix) -> Any:
    """The enclosure of an exact matrix at the current precision."""
    entries = [
        acb(arb(re_), arb(im))
        for re_, im in zip(matrix.real_part.entries(), matrix.imag_part.entries(), strict=True)
    ]
    return acb_mat(matrix.rows, matrix.cols, entries)


def all_finite(matrix: Any) -> bool:
    """Whether no entry is NaN or infinite."""
    return all(z.is_finite() for z in matrix.entries())


def require_finite(matrix: Any, words: str) -> Any:
    """The matrix itself; :class:`MoreBits` if an entry is NaN or infinite."""
    if not all_finite(matrix):
        raise MoreBits(f"the enclosure of {words} is not finite")
    return matrix


def solve(left: Any, right: Any, words: str) -> Any:
    """left⁻¹·right; success proves that ``left`` is invertible."""
    try:
        return require_finite(left.solve(right, algorithm="precond"), words)
    except ZeroDivisionError:
        raise MoreBits(f"a matrix is numerically singular in {words}") from None


def identity(d: int) -> Any:
    return acb_mat(d, d, [int(r == c) for r in range(d) for c in range(d)])


def scalar(d: int, value: Any) -> Any:
    """value·I."""
    return acb_mat(d, d, [value if r == c else 0 for r in range(d) for c in range(d)])


def diagonal(values: list[Any]) -> Any:
    d = len(values)
    return acb_mat(d, d, [values[r] if r == c else 0 for r in range(d) for c in range(d)])


def exp(matrix: Any, most: float = math.inf) -> Any:
    """exp(A) for every A in the enclosure, V·exp(V⁻¹·A·V)·V⁻¹ where there is a basis V in which A
    is much smaller: every squaring doubles radii.  Not finite where no correct bit would be left,
    or where the spectral radius is found beyond 2^most."""
    small, basis = reduced(matrix)
    if beyond_exponential(small, most):
        return matrix * acb("nan")
    return small.exp() if basis is None else basis[0] * small.exp() * basis[1]


def scale_columns(matrix: Any, values: list[Any]) -> Any:
    """matrix·diag(values)."""
    d = matrix.ncols()
    flat = [z * values[j % d] for j, z in enumerate(matrix.entries())]
    return acb_mat(matrix.nrows(), d, flat)


def widened(matrix: Any, reach: Any) -> Any:
    """The matrix with ``reach`` ≥ 0 added to the radius of every real and imaginary part."""
    rows, cols = matrix.nrows(), matrix.ncols()
    return matrix + acb_mat(rows, cols, [acb(arb(0, reach), arb(0, reach))] * (rows * cols))


def _square(matrix: Any) -> Any:
    """A ball that holds ‖A‖_F² for every matrix A in the enclosure: one dot product."""
    row = acb_mat(1, matrix.nrows() * matrix.ncols(), matrix.entries())
    return (row * row.conjugate().transpose())[0, 0].real


def norm_upper(matrix: Any) -> Any:
    """An upper bound of ‖A‖_F over every matrix A in the enclosure (an exact ``arb``)."""
    with ctx.workprec(NORM_BITS):
        return _square(matrix).upper().sqrt().upper()


def norm_lower(matrix: Any) -> Any:
    """A lower bound of ‖A‖_F over every matrix A in the enclosure."""
    with ctx.workprec(NORM_BITS):
        return arb.max(_square(matrix).lower(), arb(0)).sqrt().lower()


def radius(matrix: Any) -> Any:
    """An upper bound of ‖A − mid‖_F over every matrix A in the enclosure."""
    return norm_upper(matrix - matrix.mid())


def quotient(top: Any, bottom: Any) -> Any:
    """An upper bound of top/bottom for bounds top ≥ 0, bottom ≥ 0 (infinite for bottom = 0 or not
    finite, except that 0/0 is 0)."""
    with ctx.workprec(NORM_BITS):
        if not bottom.is_finite():
            return arb.pos_inf()
        if top == 0:
            return arb(0)
        return (top / bottom).upper() if bottom > 0 else arb.pos_inf()


def relative_radius(matrix: Any) -> Any:
    """radius/norm, an upper bound; 0 for the exact zero matrix."""
    return quotient(radius(matrix), norm_lower(matrix))


def log2_of(value: Any) -> float:
    """log2 of a positive exact ``arb`` as a float; ±inf at the ends and beyond 2^(±2^60)."""
    if not value.is_finite():
        return math.inf
    mantissa, exponent = value.mid().man_exp()
    size, power = abs(int(mantissa)), int(exponent)
    if size and abs(power) > 2**60:
        return math.inf if power > 0 else -math.inf
    return math.log2(size) + power if size else -math.inf


def power_of_two(exponent: int) -> Any:
    """2**exponent, exactly."""
    return arb((fmpz(1), fmpz(exponent)))


def integer_above(value: Any) -> int:
    """The least integer that is at least an exact ``arb``."""
    return int(value.ceil().unique_fmpz())


def ten_to_minus(digits: int) -> Any:
    """A lower bound of 10^−digits at the current precision, exact as a ball."""
    return arb(fmpq(1, 10**digits)).lower()


def _parts(value: Any) -> tuple[int, int]:
    mantissa, exponent = value.mid().man_exp()
    return int(mantissa), int(exponent)


def to_mpf(value: Any) -> Any:
    """The midpoint of a real ball as an ``mpf``, exactly."""
    return binary.to_mpf(*_parts(value))


def to_mpmath(matrix: Any) -> Any:
    """The midpoints as an mpmath matrix, exactly."""
    entries = (binary.to_mpc(_parts(z.real), _parts(z.imag)) for z in matrix.entries())
    return binary.to_mp_matrix(matrix.nrows(), matrix.ncols(), entries)


def rounded_midpoints(matrix: Any, bits: int) -> Any:
    """Exact midpoints with mantissas of ``bits`` bits; a part whose ball holds 0 becomes 0."""
    with ctx.workprec(bits):
        entries = [acb(_rounded(z.real), _rounded(z.imag)) for z in matrix.entries()]
    return acb_mat(matrix.nrows(), matrix.ncols(), entries)


def _rounded(part: Any) -> Any:
    return arb(0) if part.contains(0) else (+part).mid()


def around(center: Any, matrix: Any) -> Any:
    """The smallest enclosure with the exact midpoints ``center`` that contains ``matrix``."""
    entries = [
        acb(_around(c.real, z.real), _around(c.imag, z.imag))
        for c, z in zip(center.entries(), matrix.entries(), strict=True)
    ]
    return acb_mat(matrix.nrows(), matrix.ncols(), entries)


def _around(center: Any, part: Any) -> Any:
    """center ± r with r ≥ |x − center| for every x in the ball ``part``."""
    reach = (part - center).abs_upper()
    return arb(center, reach) if reach != 0 else center
