"""The construction of rank one in enclosures: the 2d equations for A and w, the shift, W1 = z·ℓ.

The equations p·exp(A)·K = q = p·exp(B) are solved in the coordinates that the record leaves free.
With an approximate inverse R of the Jacobian and ‖I − R·F′(box)‖ ≤ c < 1 over the record's box the
operator x − R·F(x) is a contraction there (Krawczyk 1969; Rump, *Verification methods*, Acta
Numerica 19, 2010): the box holds at most one zero, and one within ‖R·F(m)‖/(1 − c) of any m in it
from which that distance does not leave the box.  Lemma 2b then gives exp(−A)·exp(B) = K.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from flint import acb, acb_mat, arb, ctx

from ...branches import BranchRecord
from ...constructions.rank_one.family import Family, Modular, family
from ...constructions.rank_one.parameters import RankOneParameters, Shift
from ...constructions.rank_one.rows import Row, row_of
from ...errors import BranchError
from ...exact import ExactMatrix
from ...precision import MoreBits
from ...problems import Problem
from .functions import enclosures as en
from .network.pairs import Pair
from .network.pairs import solve as solve_rank_one
from .proving.claims import general_radius

__all__ = ["pair", "solve_rank_one"]

#: Bits in which the contraction is proved, at first and at most.
_FIRST_BITS, _MOST_BITS = 128, 2048
#: Steps of the iteration.
_STEPS = 4000
#: The largest contraction factor accepted.
_FACTOR = 0.5


def pair(problem: Problem, record: BranchRecord) -> Pair:
    """W1, A + a, B + a and exp(−W1·X1) of the recorded solution, at the current precision.

    Raises :class:`BranchError` where the record has no solution of the problem's equations in its
    box, or another one than it says; :class:`MoreBits` if the precision is too low."""
    parameters = cast("RankOneParameters", record.first_layer.parameters)
    row = _row(problem, parameters)
    made = _family(problem, record)
    A, w = _Equations(made).solved(parameters, _contraction(made, parameters))
    a = _shift(A, w, row, parameters.offset)
    d = problem.d
    p = en.from_exact(row.p)
    A = A + en.scalar(d, a)
    B = A + w * p
    W1, inverse = _first_layer(A, B, w, row, parameters.offset)
    _require_integers(A, B, parameters)
    return Pair(W1, A, B, inverse)


def _row(problem: Problem, parameters: RankOneParameters) -> Row:
    if parameters.row.cols != problem.d:
        raise BranchError("the row ℓ has another length than d", "is it another problem's record?")
    row = row_of(problem, parameters.row)
    if (row.case == 4) != (parameters.offset.radius is not None):
        raise BranchError(
            "the shift is of another case than the row ℓ", "is it the record of another problem?"
        )
    return row


def _family(problem: Problem, record: BranchRecord) -> Family:
    parameters = cast("RankOneParameters", record.first_layer.parameters)
    K = record.quotient(problem).matrix
    made = family(K, row_of(problem, parameters.row).p, parameters.q)
    if made.dimension != len(parameters.centre):
        raise BranchError(
            f"the space of A, x, y has dimension {made.dimension}, the record gives "
            f"{len(parameters.centre)} coordinates",
            "is it the record of another problem?",
        )
    modulo = _nullity(K, made.p, parameters.q)
    if parameters.nullity[1] != modulo:
        raise BranchError(
            f"the nullity modulo the prime is {modulo}, the record has {parameters.nullity[1]}",
            "make the record again",
        )
    return made


@lru_cache(maxsize=16)
def _nullity(K: ExactMatrix, p: ExactMatrix, q: ExactMatrix) -> int:
    return Modular(K, p).rank(q, 1)[0]


class _Equations:
    """F and its Jacobian in the coordinates of the space, at the precision of its making."""

    def __init__(self, made: Family) -> None:
        self.d = d = made.d
        self.K, self.p, self.q = (en.from_exact(m) for m in (made.K, made.p, made.q))
        rows = en.from_exact(made.basis).tolist()
        x = acb_mat([row[d * d : d * d + d] for row in rows]).transpose()
        w = en.solve(self.K, x, "K⁻¹·x").transpose().tolist()
        self.A = [acb_mat(d, d, row[: d * d]) for row in rows]
        self.w = [acb_mat(d, 1, row) for row in w]

    def member(self, theta: list[Any]) -> tuple[Any, Any]:
        """A and w of a point."""
        A, w = acb_mat(self.d, self.d), acb_mat(self.d, 1)
        for t, dA, dw in zip(theta, self.A, self.w, strict=True):
            A, w = A + dA * t, w + dw * t
        return A, w

    def values(self, theta: list[Any]) -> Any:
        """(p·exp(A)·K − q, p·exp(B) − q) as a column."""
        A, w = self.member(theta)
        first = self.p * en.exp(A) * self.K - self.q
        second = self.p * en.exp(A + w * self.p) - self.q
        return acb_mat(2 * self.d, 1, first.entries() + second.entries())

    def jacobian(self, theta: list[Any], free: tuple[int, ...]) -> Any:
        """Its columns for the free coordinates; dexp is a block of exp([[M, H], [0, M]])
        (Al-Mohy & Higham 2009)."""
        A, w = self.member(theta)
        B = A + w * self.p
        columns = []
        for j in free:
            first = self.p * _derivative(A, self.A[j]) * self.K
            second = self.p * _derivative(B, self.A[j] + self.w[j] * self.p)
            columns.append(first.entries() + second.entries())
        return acb_mat(columns).transpose()

    def solved(self, parameters: RankOneParameters, proved: _Contraction) -> tuple[Any, Any]:
        """Enclosures of A and w of the zero in the box."""
        R, theta = proved.inverse, _centre(parameters)
        best = None
        for _ in range(_STEPS):
            change = R * self.values(theta)
            reach = _max_norm(change) / (1 - proved.factor)
            size = en.log2_of(reach.upper())
            if best is not None and size > best - 4:
                break
            best = size
            for j, z in zip(parameters.free, change.entries(), strict=True):
                theta[j] = (theta[j] - z).mid()
        reach = (_max_norm(R * self.values(theta)) / (1 - proved.factor)).upper()
        radius, centre = arb(parameters.radius), _centre(parameters)
        for j in parameters.free:
            apart = theta[j] - centre[j]
            if not (abs(apart.real) + reach <= radius and abs(apart.imag) + reach <= radius):
                if abs(apart.real) - reach > radius or abs(apart.imag) - reach > radius:
                    raise BranchError("the equations for A and B have no solution in the box")
                raise MoreBits("the solution is not told to lie in its box")
            theta[j] = theta[j] + acb(arb(0, reach), arb(0, reach))
        return self.member(theta)


@dataclass(frozen=True)
class _Contraction:
    """R and an upper bound of ‖I − R·F′‖ (largest row sum) over the box."""

    inverse: Any
    factor: Any


@lru_cache(maxsize=16)
def _contracted(made: Family, parameters: RankOneParameters, bits: int) -> _Contraction | None:
    with ctx.workprec(bits):
        equations = _Equations(made)
        centre = _centre(parameters)
        try:
            inverse = equations.jacobian(centre, parameters.free).mid().inv().mid()
        except ZeroDivisionError:
            return None
        box, radius = list(centre), arb(parameters.radius)
        for j in parameters.free:
            box[j] = box[j] + acb(arb(0, radius), arb(0, radius))
        over = inverse * equations.jacobian(box, parameters.free)
        # the parts of a coordinate vary by the radius each, the coordinate by √2 times it
        factor = _max_norm(over - en.identity(2 * made.d)).upper()
        return _Contraction(inverse, factor) if factor < _FACTOR else None


def _contraction(made: Family, parameters: RankOneParameters) -> _Contraction:
    bits = _FIRST_BITS
    while bits <= _MOST_BITS:
        found = _contracted(made, parameters, bits)
        if found is not None:
            return found
        bits *= 2
    raise BranchError(
        "Krawczyk's operator is not proved to contract in the record's box",
        "make the record again",
    )


def _centre(parameters: RankOneParameters) -> list[Any]:
    return [en.from_rational(z) for z in parameters.centre]


def _max_norm(matrix: Any) -> Any:
    """An upper bound of the largest absolute row sum."""
    with ctx.workprec(en.NORM_BITS):
        sums = [sum((z.abs_upper() for z in row), arb(0)).upper() for row in matrix.tolist()]
    if not all(s.is_finite() for s in sums):
        return arb.pos_inf()
    return max(sums)


def _derivative(M: Any, H: Any) -> Any:
    """The Fréchet derivative of exp at M in the direction H."""
    d = M.nrows()
    m, h = M.tolist(), H.tolist()
    block = acb_mat([[*m[i], *h[i]] for i in range(d)] + [[*([0] * d), *m[i]] for i in range(d)])
    return acb_mat([row[d:] for row in en.exp(block).tolist()[:d]])


def _shift(A: Any, w: Any, row: Row, shift: Shift) -> Any:
    """a, exactly or by interval Newton for the equation of case 4, in one unknown."""
    if shift.radius is None:
        return en.from_rational(shift.a)
    centre, radius = en.from_rational(shift.a), arb(shift.radius)
    box = centre + acb(arb(0, radius), arb(0, radius))
    _, slope = _picard(A, w, row, centre, shift)
    R = (1 / slope).mid()
    _, over = _picard(A, w, row, box, shift)
    factor = abs(R * over - 1).upper()
    if not factor < _FACTOR:
        words = "the equation for the shift is not proved to contract in the record's box"
        if ctx.prec > _MOST_BITS // 2:
            raise BranchError(words, "make the record again")
        raise MoreBits(words)
    a, best = centre, None
    for _ in range(_STEPS):
        change = R * _picard(A, w, row, a, shift)[0]
        size = en.log2_of(abs(change).upper())
        if best is not None and size > best - 4:
            break
        best, a = size, (a - change).mid()
    reach = (abs(R * _picard(A, w, row, a, shift)[0]) / (1 - factor)).upper()
    apart = a - centre
    if not (abs(apart.real) + reach <= radius and abs(apart.imag) + reach <= radius):
        if abs(apart.real) - reach > radius or abs(apart.imag) - reach > radius:
            raise BranchError("the equation for the shift has no solution in the box")
        raise MoreBits("the shift is not told to lie in its box")
    return a + acb(arb(0, reach), arb(0, reach))


def _picard(A: Any, w: Any, row: Row, a: Any, shift: Shift) -> tuple[Any, Any]:
    """r1·v·(Log(1 + r2·v) + 2πi·n) − 2πi·k·r2·v and its derivative by a, v = (A + a)⁻¹·w."""
    shifted = A + en.scalar(A.nrows(), a)
    v = en.solve(shifted, w, "(A + a)⁻¹·w")
    slope = -en.solve(shifted, v, "(A + a)⁻²·w")
    (x, dx), (y, dy) = (
        ((r * v)[0, 0], (r * slope)[0, 0]) for r in map(en.from_exact, (row.r1, row.r2))
    )
    turn = acb(0, 2) * acb.pi()
    log = _log(1 + y) + turn * shift.n
    value = x * log - turn * shift.k * y
    return value, dx * log + x * dy / (1 + y) - turn * shift.k * dy


def _log(z: Any) -> Any:
    """The principal logarithm; :class:`MoreBits` where the ball meets the cut."""
    if (z.real.upper() <= 0 and z.imag.contains(0)) or z.contains(0):
        raise MoreBits("an argument of the logarithm meets its cut")
    return z.log()


def _first_layer(A: Any, B: Any, w: Any, row: Row, shift: Shift) -> tuple[Any, Any]:
    """W1 = z·ℓ and exp(−W1·X1) in the four cases of Theorem 1; A and B are shifted."""
    d = A.nrows()
    v = en.solve(B if row.case == 2 else A, w, "(A + a)⁻¹·w")
    pv = (en.from_exact(row.p) * v)[0, 0]
    if row.case == 4:
        factor = acb(0, 2 * shift.k) * acb.pi() / (en.from_exact(row.r1) * v)[0, 0]
    elif row.case == 3 and row.rho is not None:
        factor = _log(1 + pv) / (pv * (en.from_rational(row.rho) - 1))
    else:
        factor = _log(1 - pv if row.case == 2 else 1 + pv) / pv
    z = v * factor
    W1 = en.require_finite(z * en.from_exact(row.ell), "W1")
    if row.case in (1, 4):  # r1·z is 0 or 2πi·k
        return W1, en.identity(d)
    r1 = en.from_exact(row.r1)
    s = (r1 * z)[0, 0]
    if s.contains(0):
        raise MoreBits("r1·z is not told from 0")
    inner = z * r1 * (((-s).exp() - 1) / s)
    return W1, en.require_finite(en.identity(d) + inner, "exp(−W1·X1)")


def _require_integers(A: Any, B: Any, parameters: RankOneParameters) -> None:
    """The unwinding numbers of the eigenvalues of A and B are those of the record."""
    for name, matrix, told in zip("AB", (A, B), parameters.integers, strict=True):
        if _unwinding_numbers(matrix, name) != told:
            raise BranchError(
                f"the unwinding numbers of {name} are not those of the record",
                "make the record again",
            )


def _unwinding_numbers(matrix: Any, name: str) -> tuple[int, ...]:
    """Of the eigenvalues of every matrix in the enclosure, counted with multiplicity, in order: by
    FLINT's enclosures, and where these are too wide about the eigenvalues of a perturbed matrix,
    which are simple, with the radius of :func:`claims.general_radius`."""
    d, pi = matrix.nrows(), arb.pi()
    for exponent in (None, ctx.prec // 2, ctx.prec // 4):
        try:
            if exponent is None:
                values: list[Any] = matrix.eig(multiple=True)
            else:
                entries = [acb((7 * j * j + 3 * j + 1) % 11 - 5, (5 * j) % 7) for j in range(d * d)]
                near = matrix.mid() + acb_mat(d, d, entries) * en.power_of_two(-exponent)
                reach = general_radius(matrix, near)
                values = [z + acb(arb(0, reach), arb(0, reach)) for z in near.eig()]
        except (ValueError, ZeroDivisionError):
            continue
        found = [((value.imag - pi) / (2 * pi)).ceil().unique_fmpz() for value in values]
        if all(n is not None for n in found):
            return tuple(sorted(map(int, found)))
    raise MoreBits(f"the unwinding numbers of {name} are not decided")
