"""The construction ``rank-one`` in plain mpmath: Newton's iteration for A and w, then W1 = z·ℓ.

The equations are p·exp(A)·K = q = p·exp(B), B = A + w·p, in the coordinates that the record leaves
free (Lemma 2b); the Jacobian is taken once, at the centre of the record, in 30 digits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from mpmath import MPContext

from ...branches import BranchRecord
from ...constructions.rank_one.family import Family, family
from ...constructions.rank_one.parameters import RankOneParameters, Shift
from ...constructions.rank_one.rows import Row, row_of
from ...errors import BranchError
from ...exact import gaussian
from ...problems import Problem
from ...solution import Solution
from .functions import exponential, inverse
from .numbers import MorePrecisionNeeded, context, matrix, norm, number, taken_over
from .precision import CEILING_DIGITS, deliver
from .second_layer import Carried, amplification, quotient

#: Digits of the Jacobian, and steps of Newton's iteration.
LOW_DIGITS, STEPS = 30, 4000


def solve_rank_one(
    problem: Problem, record: BranchRecord, digits: int, *, ceiling: int = CEILING_DIGITS
) -> Solution:
    """W1, W2, W3 with f(X1) = Y1 and f(X2) = Y2 for the recorded solution, to ``digits`` digits.

    What is promised and raised is as for :func:`.shift.solve_shift`; :class:`BranchError` where
    Newton's iteration leaves the box of the record."""
    return deliver(layers, problem, record, digits, ceiling)


def layers(mp: MPContext, problem: Problem, record: BranchRecord) -> Carried:
    """The weights of the record at one precision."""
    given = cast("RankOneParameters", record.first_layer.parameters)
    row = row_of(problem, given.row)
    made = family(record.quotient(problem).matrix, row.p, given.q)
    A, w = solved(mp, made, given)
    a = shift(mp, A, w, row, given.offset)
    A = A + a * mp.eye(problem.d)
    W1 = first_layer(mp, A, w, row, given.offset)
    inner, inverse_inner = exponential(mp, W1 * matrix(mp, problem.X1))
    # W2·exp(W1·X1) = A, hence W2·exp(W1·X2) = B, and exp(−A)·exp(B) = K
    B = A + w * matrix(mp, row.p)
    outer, inverse_outer = exponential(mp, A)
    K = quotient(mp, problem, record)
    weights = W1, A * inverse_inner, matrix(mp, problem.Y1) * inverse_outer
    second = norm(mp, mp.expm(W1 * matrix(mp, problem.X2)))
    sizes = ((norm(mp, inner), norm(mp, outer)), (second, norm(mp, outer * K)))
    grown = amplification(mp, problem, weights, sizes)
    return Carried(weights, inner, inverse_inner, K, B, A, grown)


class Equations:
    """The linear space of (A, w) and F on it, in one context."""

    def __init__(self, mp: MPContext, made: Family) -> None:
        self.mp, self.d = mp, made.d
        self.K, self.p, self.q = (matrix(mp, M) for M in (made.K, made.p, made.q))
        d, lower = made.d, inverse(mp, self.K)
        self.directions = []
        for row in matrix(mp, made.basis).tolist():
            A = mp.matrix([row[i * d : i * d + d] for i in range(d)])
            self.directions.append((A, lower * mp.matrix(row[d * d : d * d + d])))

    def member(self, theta: list[Any]) -> tuple[Any, Any]:
        A, w = self.mp.zeros(self.d), self.mp.zeros(self.d, 1)
        for t, (dA, dw) in zip(theta, self.directions, strict=True):
            A, w = A + t * dA, w + t * dw
        return A, w

    def values(self, theta: list[Any]) -> Any:
        """p·exp(A)·K − q and p·exp(B) − q, as a column."""
        A, w = self.member(theta)
        first = self.p * self.mp.expm(A) * self.K - self.q
        second = self.p * self.mp.expm(A + w * self.p) - self.q
        return self.mp.matrix([*first, *second])

    def jacobian(self, theta: list[Any], free: tuple[int, ...]) -> Any:
        """Its columns for the free coordinates, dexp as a block of exp([[M, H], [0, M]])."""
        A, w = self.member(theta)
        out = self.mp.zeros(2 * self.d, len(free))
        for column, j in enumerate(free):
            dA, dw = self.directions[j]
            first = self.p * self.derivative(A, dA) * self.K
            second = self.p * self.derivative(A + w * self.p, dA + dw * self.p)
            for r, value in enumerate([*first, *second]):
                out[r, column] = value
        return out

    def derivative(self, M: Any, H: Any) -> Any:
        block = self.mp.zeros(2 * self.d)
        for r in range(self.d):
            for c in range(self.d):
                block[r, c] = block[r + self.d, c + self.d] = M[r, c]
                block[r, c + self.d] = H[r, c]
        value, d = self.mp.expm(block), self.d
        return self.mp.matrix([[value[r, c + d] for c in range(d)] for r in range(d)])


def solved(mp: MPContext, made: Family, given: RankOneParameters) -> tuple[Any, Any]:
    """A and w of the solution in the record's box."""
    if made.dimension != len(given.centre):
        raise BranchError("the record is not one of these equations", "make the record again")
    low = context(LOW_DIGITS)
    R = inverse(
        low, Equations(low, made).jacobian([number(low, z) for z in given.centre], given.free)
    )
    equations, R = Equations(mp, made), taken_over(mp, R)
    centre = [number(mp, z) for z in given.centre]
    theta = list(centre)
    # what is rounded at this precision may be more than a narrow box is wide
    radius = max(mp.re(number(mp, gaussian(given.radius))), mp.mpf(2) ** (-mp.prec // 2))

    def step() -> Any:
        change = R * equations.values(theta)
        for j, z in zip(given.free, change, strict=True):
            theta[j] -= z
            apart = theta[j] - centre[j]
            if not max(abs(mp.re(apart)), abs(mp.im(apart))) <= radius:
                raise BranchError("Newton's iteration leaves the box", "make the record again")
        return norm(mp, change)

    settle(mp, step, norm(mp, mp.matrix(centre)))
    return equations.member(theta)


def settle(mp: MPContext, step: Callable[[], Any], size: Any) -> None:
    """Steps until they no longer become smaller; :class:`MorePrecisionNeeded` where they are then
    not small."""
    last = None
    for _ in range(STEPS):
        now = step()
        if last is not None and not now < last / 2:
            break
        last = now
    if last is None or not last < size * mp.mpf(10) ** -(mp.dps // 2):
        raise MorePrecisionNeeded("Newton's iteration does not settle")


def shift(mp: MPContext, A: Any, w: Any, row: Row, given: Shift) -> Any:
    """a: as recorded, or the root of r1·v·(Log(1 + r2·v) + 2πi·n) − 2πi·k·r2·v near it."""
    a = number(mp, given.a)
    if given.radius is None:
        return a
    r1, r2 = matrix(mp, row.r1), matrix(mp, row.r2)
    turn, found = mp.mpc(0, 2 * mp.pi), [a]

    def step() -> Any:
        lower = inverse(mp, A + found[0] * mp.eye(A.rows))
        v = lower * w
        slope = -lower * v
        (x, dx), (y, dy) = (((r * v)[0], (r * slope)[0]) for r in (r1, r2))
        log = mp.log(1 + y) + turn * given.n
        value = x * log - turn * given.k * y
        change = value / (dx * log + x * dy / (1 + y) - turn * given.k * dy)
        found[0] -= change
        return abs(change)

    settle(mp, step, abs(a) + 1)
    return found[0]


def first_layer(mp: MPContext, A: Any, w: Any, row: Row, given: Shift) -> Any:
    """W1 = z·ℓ in the four cases of Theorem 1, A shifted."""
    p = matrix(mp, row.p)
    v = inverse(mp, A + w * p if row.case == 2 else A) * w
    pv = (p * v)[0]
    if row.case == 4:
        z = v * (mp.mpc(0, 2 * given.k * mp.pi) / (matrix(mp, row.r1) * v)[0])
    elif row.case == 3 and row.rho is not None:
        z = v * (mp.log(1 + pv) / ((number(mp, row.rho) - 1) * pv))
    else:
        z = v * (mp.log(1 - pv if row.case == 2 else 1 + pv) / pv)
    return z * matrix(mp, row.ell)
