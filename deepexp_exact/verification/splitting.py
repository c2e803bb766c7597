"""The steps Q0 to Q7 of ``split`` on the returned W1, with plain mpmath.

The block is found anew from the exact data (Π by the matrix sign of a Möbius image of F), and what
the steps say about W1·X1 and W1·X2 on it, and on the rest, is measured on the weight handed out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, cast

from ..constructions.split.parameters import SplitParameters
from ..exact import gaussian
from .steps import StepResult, StepValues, context, frobenius, into, scalar, to_mp

#: Newton steps for the matrix sign.
_STEPS = 200


class SplitSteps:
    """The quantities of Q0 to Q7 beside those of an :class:`Evaluation`.

    Everything is at twice the evaluation's digits: the block may be ill-conditioned.  Where the
    record exchanges X1 and X2, they are exchanged here."""

    def __init__(self, evaluation: StepValues) -> None:
        self.of, problem, record = evaluation, evaluation.problem, evaluation.record
        self.mp = mp = context(2 * evaluation.mp.dps + 40)
        self.given = given = cast("SplitParameters", record.first_layer.parameters)
        self.alpha, self.c = scalar(mp, record.alpha), mp.log(scalar(mp, record.alpha))
        self.c += 2j * mp.pi * record.turn
        X1, X2 = problem.X1, problem.X2
        if given.exchanged:
            X1, X2, self.c, self.alpha = X2, X1, -self.c, 1 / self.alpha
        s, D = gaussian(given.s), X2 - X1
        self.s, self.one = scalar(mp, s), mp.eye(problem.d)
        self.X1, self.X2, self.D = (to_mp(mp, M) for M in (X1, X2, D))
        self.Xs = to_mp(mp, X1 + D.scale(s))
        self.F = mp.inverse(self.Xs) * self.D
        self.W1 = into(mp, evaluation.weights[0])
        self.M1, self.M2 = self.W1 * self.X1, self.W1 * self.X2
        self.turns = [2j * mp.pi * a for a in given.integers]

    # -- the block

    @cached_property
    def Pi(self) -> Any:
        """The spectral projector of |φ| < ρ: (I − sign((F + ρ)⁻¹(F − ρ)))/2 (Higham 2008)."""
        mp, given = self.mp, self.given
        if given.rho is None:
            return self.one if given.q else 0 * self.one
        rho = scalar(mp, gaussian(given.rho)) * self.one
        S = mp.inverse(self.F + rho) * (self.F - rho)
        for _ in range(_STEPS):
            S, before = (S + mp.inverse(S)) / 2, S
            if frobenius(mp, S - before) <= mp.mpf(10) ** -(mp.dps // 2) * frobenius(mp, S):
                break
        return (self.one - (S + mp.inverse(S)) / 2) / 2

    @cached_property
    def bases(self) -> tuple[Any, Any]:
        """B = Π·basis and Y with Y·B = I, B·Y = Π."""
        B = self.Pi * to_mp(self.mp, self.given.basis)
        return B, self.mp.inverse(B.H * B) * B.H * self.Pi

    @cached_property
    def m(self) -> Any:
        """The mean of the eigenvalues of W1·X1 on the block, less that of 2πi·a_j."""
        B, Y = self.bases
        T = Y * self.M1 * B
        q = self.given.q
        return (self.mp.fsum(T[j, j] for j in range(q)) - self.mp.fsum(self.turns)) / q

    @property
    def grown(self) -> Any:
        """By how much an error of W1 may grow on the block or the rest, to first order."""
        mp = self.mp
        sizes = [frobenius(mp, M) for M in (self.W1, self.X1, self.X2, self.Pi)]
        return (1 + sizes[0] * (sizes[1] + sizes[2])) * (1 + sizes[3]) ** 2

    def result(self, id: str, words: str, residual: Any, grown: Any = 1) -> StepResult:
        return StepResult(id, residual, words, grown)

    def relative(self, difference: Any, *sizes: Any) -> Any:
        """‖difference‖ relative to the largest of the sizes."""
        size = max(frobenius(self.mp, M) for M in sizes)
        top = frobenius(self.mp, difference)
        return top / size if size else top

    # -- the steps

    def q0(self) -> StepResult:
        first = self.relative(self.Xs * (self.one - self.s * self.F) - self.X1, self.Xs)
        second = self.relative(self.Xs * (self.one + (1 - self.s) * self.F) - self.X2, self.Xs)
        return self.result("Q0", "X1 − X_s·(I − s·F), X2 − X_s·(I + (1 − s)·F)", max(first, second))

    def q1(self) -> StepResult:
        Pi, rest = self.Pi, self.one - self.Pi
        apart = [rest * self.M1 * Pi, Pi * self.M1 * rest, Pi * Pi - Pi, Pi * self.F - self.F * Pi]
        apart.append(rest * (self.M2 - self.M1 - self.c * self.one) * rest)
        worst = max(self.relative(part, self.M1, self.M2, self.F, self.one) for part in apart)
        words = "Π splits W1·X1 and F; W1·X2 − W1·X1 − c·I on the rest"
        return self.result("Q1", words, worst, self.grown)

    def q2(self) -> StepResult:
        mp, Pi, rest = self.mp, self.Pi, self.one - self.Pi
        whole = mp.expm(self.M1)
        parts = mp.expm(Pi * self.M1 * Pi) * Pi + mp.expm(rest * self.M1 * rest) * rest
        words = "exp(W1·X1) − B·exp(T)·Y − exp(N)·(I − Π)"
        return self.result("Q2", words, self.relative(whole - parts, whole), self.grown)

    def q3(self) -> StepResult:
        found = self.of.p2()
        return self.result("Q3", found.words, found.residual, found.amplification)

    def q4(self) -> StepResult:
        mp, (B, Y) = self.mp, self.bases
        q = self.given.q
        T = Y * self.M1 * B
        L = mp.matrix(q, q)
        for j in range(q):
            L[j, j] = self.m + self.turns[j]
            for k in range(j):
                L[j, k] = T[j, k]
        words = "Y·W1·X1·B is lower triangular with the diagonal m + 2πi·a_j"
        grown = self.grown * frobenius(mp, B) * frobenius(mp, Y)
        return self.result("Q4", words, self.relative(T - L, T), grown)

    def q5(self) -> StepResult:
        mp, rank = self.mp, self.given.rank
        targets = [self.m + self.c + t for t in self.turns]
        if rank is not None:  # 0 once: a multiple eigenvalue 0 has blocks of size 1
            targets = [*self.turns[:rank], mp.mpf(0)]
        product, size = self.Pi, frobenius(mp, self.Pi)
        for tau in targets:
            product = (self.M2 - tau * self.one) * product
            size *= frobenius(mp, self.M2 - tau * self.one)
        words = "Π (W1·X2 − τ_j·I) on the block: the pivots are τ_j/μ_j"
        grown = self.grown * len(targets)
        return self.result("Q5", words, frobenius(mp, product) / size, grown)

    def q6(self) -> StepResult:
        """det C1 = Π τ_j/μ_j, or, for a singular block, m = −c; and m is in its square."""
        mp, Pi, root = self.mp, self.Pi, self.given.root
        if root is None:
            left = abs(self.m + self.c) / abs(self.c)
            return self.result("Q6", "m + c for the singular block", left, self.grown)
        A1, A2 = (self.one + Pi * (z * self.F) for z in (-self.s, 1 - self.s))
        product = mp.fprod(1 + self.c / (self.m + t) for t in self.turns)
        left = abs(product * mp.det(A1) / mp.det(A2) - 1)
        apart = self.m - scalar(mp, root.centre)
        if max(abs(mp.re(apart)), abs(mp.im(apart))) > scalar(mp, gaussian(root.radius)).real:
            left = mp.mpf(1)
        return self.result("Q6", "Π τ_j/μ_j = det C1, m in its square", left, self.grown)

    def q7(self) -> StepResult:
        Pi, scalar_part = self.Pi, self.mp.exp(self.m)
        first, second = (self.mp.expm(M) * Pi for M in (self.M1, self.M2))
        worst = max(
            self.relative(first - scalar_part * Pi, first),
            self.relative(second - self.alpha * scalar_part * Pi, second),
        )
        words = "exp(W1·X1) − e^m·I and exp(W1·X2) − α·e^m·I on the block"
        return self.result("Q7", words, worst, self.grown)

    def steps(self) -> dict[str, Callable[[], StepResult]]:
        """Q0 to Q7; Q0 to Q3 where the block is empty."""
        return {f"Q{j}": getattr(self, f"q{j}") for j in range(8 if self.given.q else 4)}


def first_layer_steps(evaluation: StepValues) -> dict[str, Callable[[], StepResult]]:
    """The steps of the recorded first layer: P1 and P2, or Q0 to Q7."""
    if evaluation.record.first_layer.parameters is None:
        return {"P1": evaluation.p1, "P2": evaluation.p2}
    return SplitSteps(evaluation).steps()
