"""The construction ``split`` in plain mpmath: Q0 to Q7 here, P3 to P7 in ``second_layer``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn, cast

from mpmath import MPContext

from ...branches import BranchRecord
from ...constructions.split.parameters import Root, SplitParameters
from ...errors import BranchError
from ...exact import gaussian
from ...problems import Problem
from ...solution import Solution
from .functions import inverse
from .numbers import MorePrecisionNeeded, log_scale, matrix, norm, number
from .precision import CEILING_DIGITS, deliver

#: Steps of Newton's iterations; they converge quadratically.
STEPS = 100
#: Digits from which on a record that the computation contradicts is believed to be wrong.
ENOUGH_DIGITS = 2000


def solve_split(
    problem: Problem, record: BranchRecord, digits: int, *, ceiling: int = CEILING_DIGITS
) -> Solution:
    """W1, W2, W3 with f(X1) = Y1 and f(X2) = Y2 for the recorded splitting, to ``digits`` digits.

    What is promised and raised is as for :func:`.shift.solve_shift`; :class:`BranchError` where the
    circle, the root or the rank of the record does not fit the problem.  ``proofs/theorem.md``."""
    return deliver(first_layer, problem, record, digits, ceiling)


def first_layer(mp: MPContext, problem: Problem, record: BranchRecord) -> Any:
    """W1 with exp(W1·X2) = α·exp(W1·X1)."""
    given = cast("SplitParameters", record.first_layer.parameters)
    X1, X2, c = problem.X1, problem.X2, log_scale(mp, record)
    if given.exchanged:  # exp(W1·X1) = α⁻¹·exp(W1·X2) is the same statement
        X1, X2, c = X2, X1, -c
    # Q0: D = X2 − X1, X_s = X1 + s·D, F = X_s⁻¹·D give X1 = X_s·(I − s·F), X2 = X_s·(I + (1−s)·F)
    D, s = X2 - X1, number(mp, gaussian(given.s))
    Xs_inverse = inverse(mp, matrix(mp, X1 + D.scale(gaussian(given.s))))
    F = Xs_inverse * matrix(mp, D)
    # Q1: Π projects onto the block of the q eigenvalues |φ| < ρ of F; B·Y = Π, Y·B = I, F1 = Y·F·B
    one, Pi = mp.eye(problem.d), projector(mp, F, given)
    W = c * inverse(mp, F * (one - Pi) + Pi) * (one - Pi)  # on the rest it is the shift
    if given.q:
        B = Pi * matrix(mp, given.basis)
        Y = inverse(mp, B.H * B) * B.H * Pi
        A1 = mp.eye(given.q) - s * (Y * F * B)
        A2 = A1 + Y * F * B
        C1 = inverse(mp, A1) * A2
        # Q6, Q7': m, and the numbers μ_j, τ_j that lie on two lines of exp(μ) = e^m, exp(τ) = α·e^m
        if given.rank is None:
            m = root(mp, given.root, given.integers, c, mp.det(C1))
        else:
            m = -c
            check_rank(problem, given)
        mu = [m + mp.mpc(0, 2 * a * mp.pi) for a in given.integers]
        pivots = [(z + c) / z for z in mu]
        if given.rank is not None:  # τ_j = 2πi·a_j, the rows beyond the rank are zero
            pivots = [mp.mpc(0, 2 * a * mp.pi) / z for a, z in zip(given.integers, mu, strict=True)]
            pivots = pivots[: given.rank]
        # Q4, Q5: C1·Λ = H·U with the pivots τ_j/μ_j; M = Λ·diag(μ)·H⁻¹ has exp(M) = e^m·I and
        # Q7: exp(M·C1) = α·e^m·I, hence M' = M·A1⁻¹ has exp(M'·A2) = α·exp(M'·A1)
        Lam, H = prescribed_pivots(mp, C1, pivots)
        M = Lam * mp.diag(mu) * inverse(mp, H)
        W = B * M * inverse(mp, A1) * Y + W
    # Q2, Q3: exp(W1·X1) = e^m·Π + exp(N)·(I − Π) and exp(W1·X2) is α times that
    return W * Xs_inverse


def contradicted(mp: MPContext, words: str) -> NoReturn:
    """Ask for more digits, or blame the record where there are plenty."""
    if mp.dps < ENOUGH_DIGITS:
        raise MorePrecisionNeeded(words)
    raise BranchError(f"the record does not fit the problem: {words}", "make the record again")


def projector(mp: MPContext, F: Any, given: SplitParameters) -> Any:
    """Π = lim (I + (F/ρ)^N)⁻¹ for N = 2, 4, 8, …: 1 where |φ| < ρ, 0 where |φ| > ρ.

    S = (Fᴺ + ρᴺ·I)⁻¹·(Fᴺ − ρᴺ·I) has the limit I − 2·Π, and squaring Fᴺ makes (S + S⁻¹)/2 of S or
    of S⁻¹: Newton's iteration for the matrix sign, which no power of F overflows (Roberts 1980;
    Higham, *Functions of Matrices*, section 5.3)."""
    d, one = F.rows, mp.eye(F.rows)
    if given.rho is None:
        return one if given.q == d else 0 * one
    rho = number(mp, gaussian(given.rho)) * one
    S = inverse(mp, F + rho) * (F - rho)
    tolerance = mp.mpf(10) ** -(mp.dps // 2)
    for _ in range(STEPS):
        S, previous = (S + inverse(mp, S)) / 2, S
        if norm(mp, S - previous) <= tolerance * norm(mp, S):
            break
    else:
        contradicted(mp, "an eigenvalue of F is on the circle")
    Pi = (one - (S + inverse(mp, S)) / 2) / 2
    if not abs(mp.fsum(Pi[r, r] for r in range(d)) - given.q) < 0.1:
        contradicted(mp, f"the circle does not hold {given.q} eigenvalues of F")
    return Pi


def check_rank(problem: Problem, given: SplitParameters) -> None:
    """C1 is singular of the recorded rank: all of ker X2 lies in the block, exactly."""
    X2 = problem.X1 if given.exchanged else problem.X2
    inside = given.rho is None or abs(1 - given.s) * given.rho > 1  # φ = −1/(1 − s) there
    if not inside or given.rank != given.q - (X2.rows - X2.rank()):
        raise BranchError("C1 does not have the recorded rank", "make the record again")


def root(mp: MPContext, square: Root | None, integers: Sequence[int], c: Any, det: Any) -> Any:
    """m with Π (m + c + 2πi·a_j) = det·Π (m + 2πi·a_j), the root in the square of the record: by
    Newton's iteration on Π τ/μ − det from its centre."""
    if square is None:
        raise BranchError("the record has no root", "make the record again")
    centre, radius = number(mp, square.centre), number(mp, gaussian(square.radius))
    m, tolerance, settled = centre, mp.mpf(10) ** -(mp.dps // 2), False
    for _ in range(STEPS):
        mu = [m + mp.mpc(0, 2 * a * mp.pi) for a in integers]
        product = mp.fprod((z + c) / z for z in mu)
        step = (product - det) / (product * mp.fsum(-c / (z * (z + c)) for z in mu))
        m -= step
        if not max(abs(mp.re(m - centre)), abs(mp.im(m - centre))) <= radius:
            contradicted(mp, "Newton's iteration leaves the square of the root")
        if settled:
            return m
        settled = abs(step) <= tolerance * abs(m)
    contradicted(mp, "the root does not settle")


def prescribed_pivots(mp: MPContext, C: Any, pivots: Sequence[Any]) -> tuple[Any, Any]:
    """Λ and H, unit lower triangular, with C·Λ = H·U and the given pivots on the diagonal of U.

    Column j of Λ adds a multiple of the later columns, of least norm, to column j, so that the
    pivot becomes the wanted one; then a step of Gaussian elimination.  The last pivot of a full
    set follows from the determinant."""
    q, S = C.rows, C.copy()
    Lam, H = mp.eye(q), mp.eye(q)
    for j in range(min(len(pivots), q - 1)):
        rest = range(j + 1, q)
        size = mp.fsum(abs(S[j, k]) ** 2 for k in rest)
        if not size > 0:
            raise MorePrecisionNeeded("a row of the factorisation vanishes")
        t = {k: (pivots[j] - S[j, j]) * mp.conj(S[j, k]) / size for k in rest}
        for k in rest:
            Lam[k, j] = t[k]
            H[k, j] = (S[k, j] + mp.fsum(S[k, i] * t[i] for i in rest)) / pivots[j]
        for i in rest:
            for k in rest:
                S[i, k] -= H[i, j] * S[j, k]
    return Lam, H
