"""K by approximate diagonalisation, at a precision that pays for the condition of the eigenvectors.

Eigenvectors come from the QR algorithm (python-flint's, without radii).  Where eigenvalues are
repeated K is perturbed first, which makes them simple (Davies, "Approximate diagonalization", SIAM
J. Matrix Anal. Appl. 29, 2007; Higham & Liu, "A multiprecision derivative-free Schur–Parlett
algorithm", ibid. 42, 2021).  With S ≈ R⁻¹ everything that is left over, the perturbation, the error
of K and those of the QR algorithm, is measured as F = S·(K·R − R·Λ) and T = S·R − I: to first order
R·f(Λ)·S − f(K) = R·(f(Λ)·T − F∘f[Λ])·S with the divided differences f[Λ] (Daleckii & Krein).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flint import acb, acb_mat, arb, ctx

from ....exact import GaussianRational, Quotient
from ....precision import MoreBits
from ....spectrum import Box
from ....spectrum.similarity import converging_steps, reducing_basis
from .balls import NORM_BITS, enclosure, identity, log2_norms, log2_of, power_of_two
from .linear import solution, solve_balls

#: log2 of what F may be of the distance of eigenvalues that the record tells apart, and T of 1.
_SMALL = -10.0
#: Bits beyond the perturbation that the eigenvectors of a perturbed K get.
_SPARE = 64


@dataclass(frozen=True)
class Group:
    """Eigenvalues that need not be told apart: where they are, how many columns they take, and a
    bound of the size of their Jordan blocks, were they one."""

    boxes: tuple[Box, ...]
    multiplicity: int
    index: int

    def joined(self, other: Group) -> Group:
        """Both as one."""
        count = self.multiplicity + other.multiplicity
        return Group(self.boxes + other.boxes, count, self.index + other.index)


@dataclass(frozen=True)
class Diagonal:
    """K ≈ R·diag(values)·S to ``bits`` bits with what is left over; ``places`` are the groups of
    the columns' eigenvalues, ``condition`` is log2 ‖R‖·‖S‖."""

    K: Any
    R: Any
    S: Any
    values: list[Any]
    places: list[int]
    F: Any
    T: Any
    condition: float
    bits: int

    def function(self, row: Sequence[Any]) -> Any:
        """R·diag(row)·S."""
        with ctx.workprec(self.bits):
            return (scaled_columns(self.R, row) * self.S).mid()

    def differences(
        self, row: Sequence[Any], slopes: Sequence[Any], points: Sequence[Any] | None = None
    ) -> list[Any]:
        """f[λ_i, λ_j] row by row, f'(λ_j) in ``slopes``; for other ``points`` than the λ_j too."""
        with ctx.workprec(self.bits):
            pairs = list(zip(self.values if points is None else points, row, strict=True))
            table = [acb(0) if x is y else (f - g) / (x - y) for x, f in pairs for y, g in pairs]
        table[:: len(row) + 1] = slopes
        return table

    def error(self, row: Sequence[Any], slopes: Sequence[Any]) -> float:
        """log2 of ‖R·f(Λ)·S − f(K)‖_F to first order, f'(λ_j) in ``slopes``, roundings included."""
        d = len(row)
        with ctx.workprec(self.bits):
            table = self.differences(row, slopes)
            inside = scaled_rows(self.T, row) - entrywise(self.F, table)
            left = log2_norms((self.R * inside.mid() * self.S).mid())[0]
        with ctx.workprec(NORM_BITS):
            largest = log2_norms(moduli(scaled_columns(self.R, row)) * moduli(self.S))[0]
        return max(left, largest + math.log2(d + 4) - self.bits) + 1


def diagonalised(
    K: Quotient, groups: Sequence[Group], bits: int, ceiling: int, newton: bool = False
) -> Diagonal:
    """K with an error of 2^−bits relative to ‖K‖ by its perturbation, if it has to be perturbed;
    ``newton``: by :func:`refined`, for simple eigenvalues.

    :class:`MoreBits` where groups of eigenvalues are not resolved."""
    index, d = max(group.index for group in groups), K.d
    work = bits
    if len(groups) < d:  # gaps near 2^(−bits/index), a condition near 2^(bits·(1 − 1/index))
        work = math.ceil(bits * (3 - 2 / index)) + _SPARE
    exact, inverse = solution(K.left, K.right, work + 8, ceiling)
    with ctx.workprec(work):
        near = exact + perturbation(exact, bits) if len(groups) < d else exact
        if newton:
            values, R = refined(exact, groups)
        else:
            values, R = balanced_eigenvectors(near.mid())
        places = matched(values, groups)
        try:
            S = solve_balls(R, identity(d))
        except ZeroDivisionError:
            raise MoreBits("eigenvectors coincide at this precision") from None
        condition = log2_norms(R)[0] + log2_norms(S)[0]
    with ctx.workprec(work + _SPARE):
        T = (S * R - identity(d)).mid()
        left, right = enclosure(K.left), enclosure(K.right)
        F = (S * (inverse * (right * R - left * scaled_columns(R, values)).mid())).mid()
    _check(values, places, F, T)
    return Diagonal(exact, R, S, values, places, F, T, condition, work)


def balanced_eigenvectors(matrix: Any) -> tuple[list[Any], Any]:
    """:func:`eigenvectors` by way of a basis in which entries far larger than the eigenvalues
    become small, if there is one."""
    V = reducing_basis(matrix)
    if V is None:
        return eigenvectors(matrix)
    try:
        small = solve_balls(V, (matrix * V).mid())
    except ZeroDivisionError:
        raise MoreBits("a basis is singular at this precision") from None
    values, R = eigenvectors(small)
    return values, (V * R).mid()


def eigenvectors(matrix: Any) -> tuple[list[Any], Any]:
    """Eigenvalues and eigenvectors of norm 1, midpoints all of them."""
    d = matrix.nrows()
    if d == 1:
        return [matrix[0, 0]], identity(1)
    try:
        values, R = matrix.eig(right=True, algorithm="approx", maxiter=converging_steps(d))
    except (ValueError, ArithmeticError):
        raise MoreBits("the QR algorithm does not converge") from None
    R = R.mid()
    if not all(z.is_finite() for z in (*values, *R.entries())):
        raise MoreBits("the QR algorithm leaves the range of exponents")
    flat = R.entries()
    sizes = [log2_norms(acb_mat(d, 1, flat[j::d]))[0] for j in range(d)]
    if not all(map(math.isfinite, sizes)):
        raise MoreBits("an eigenvector vanishes at this precision")
    return [v.mid() for v in values], scaled_columns(R, [power_of_two(-round(s)) for s in sizes])


def refined(matrix: Any, groups: Sequence[Group]) -> tuple[list[Any], Any]:
    """The same for simple eigenvalues from their boxes, where the QR algorithm would converge
    linearly: Newton's method for δ(μ) = 0 with [K − μ, u; v^T, 0]·[x; δ] = [0; 1], δ' = y^T·x
    (Govaerts & Pryce, "Mixed block elimination for linear systems with wider borders", 1993)."""
    d = matrix.nrows()
    draw = random.Random(d + 1)
    border = [[acb(draw.uniform(1, 2), draw.uniform(-1, 1)) for _ in range(d)] for _ in "uv"]
    unit = acb_mat(d + 1, 1, [*([0] * d), 1])
    values, columns = [], []
    for group in groups:
        value, last = number(group.boxes[0].center), math.inf
        for _ in range(2 * ctx.prec.bit_length() + 8):
            rows = [
                [matrix[i, j] - value if i == j else matrix[i, j] for j in range(d)]
                + [border[0][i]]
                for i in range(d)
            ]
            bordered = acb_mat([*rows, [*border[1], acb(0)]]).mid()
            try:
                x = solve_balls(bordered, unit).entries()
                y = solve_balls(bordered.transpose(), unit).entries()
                pairing = sum((a * b for a, b in zip(x[:d], y[:d], strict=True)), acb(0)).mid()
                step = (x[d] / pairing).mid()
            except ZeroDivisionError:
                raise MoreBits("an eigenvalue is not resolved") from None
            moved = log2_norms(acb_mat([[step]]))[0]
            if not moved < last - 1:
                break
            value, last = (value - step).mid(), moved
        values.append(value)
        columns.append(acb_mat(1, d, x[:d]) * power_of_two(-round(log2_norms(acb_mat([x[:d]]))[0])))
    return values, acb_mat([c.entries() for c in columns]).transpose().mid()


def perturbation(matrix: Any, bits: int) -> Any:
    """A seeded random matrix of norm about 2^−bits·‖matrix‖."""
    d = matrix.nrows()
    draw = random.Random(d)
    entries = [acb(draw.uniform(-1, 1), draw.uniform(-1, 1)) for _ in range(d * d)]
    size = math.floor(log2_norms(matrix)[0] - math.log2(d))
    return acb_mat(d, d, entries) * power_of_two(size - bits)


def _check(values: list[Any], places: list[int], F: Any, T: Any) -> None:
    """First order is enough: T is small, and F against distances across groups."""
    worst = log2_norms(T)[0]
    with ctx.workprec(64):
        for i, (x, p) in enumerate(zip(values, places, strict=True)):
            for j, (y, q) in enumerate(zip(values, places, strict=True)):
                if p != q:
                    gap = abs(x - y)
                    if not gap > 0:
                        raise MoreBits("two eigenvalues coincide at this precision")
                    worst = max(worst, log2_of((abs(F[i, j]) / gap).upper()))
    if worst > _SMALL:
        raise MoreBits("the eigenvalues are not resolved", worst - _SMALL + 16)


# ----------------------------------------------------------------------------------- the record


def number(value: GaussianRational) -> Any:
    """An exact number at the current precision."""
    return acb(arb(value.re), arb(value.im)).mid()


def matched(values: Sequence[Any], groups: Sequence[Group]) -> list[int]:
    """For each value the one group that is clearly nearer than every other; as many for each as
    its multiplicity says, or :class:`MoreBits`."""
    boxes = [
        [[arb(e).mid() for e in (b.re_lo, b.re_hi, b.im_lo, b.im_hi)] for b in group.boxes]
        for group in groups
    ]
    places = []
    for z in values:
        x, y = z.real, z.imag
        found = sorted(
            (min(max(arb(0), a - x, x - b, c - y, y - d).mid() for a, b, c, d in near), j)
            for j, near in enumerate(boxes)
        )
        if len(found) > 1 and not found[0][0] * 4 < found[1][0]:
            raise MoreBits("eigenvalues cannot be told apart by the boxes of the record")
        places.append(found[0][1])
    if any(places.count(j) != group.multiplicity for j, group in enumerate(groups)):
        raise MoreBits("eigenvalues cannot be matched with the boxes of the record")
    return places


# ------------------------------------------------------------------------------------- entrywise


def entrywise(matrix: Any, table: Sequence[Any]) -> Any:
    """The entrywise product with a table given row by row."""
    pairs = zip(matrix.entries(), table, strict=True)
    return acb_mat(matrix.nrows(), matrix.ncols(), [x * y for x, y in pairs])


def scaled_columns(matrix: Any, row: Sequence[Any]) -> Any:
    """matrix·diag(row)."""
    return entrywise(matrix, list(row) * matrix.nrows()).mid()


def moduli(matrix: Any) -> Any:
    """The absolute values of the entries."""
    return acb_mat(matrix.nrows(), matrix.ncols(), [abs(z).mid() for z in matrix.entries()])


def scaled_rows(matrix: Any, row: Sequence[Any]) -> Any:
    """diag(row)·matrix."""
    return entrywise(matrix, [f for f in row for _ in range(matrix.ncols())]).mid()
