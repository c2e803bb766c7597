"""B1: what one layer Y = W·X can do with the same two equations, exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flint import fmpq, fmpq_mat, nmod

from ..exact import ExactMatrix, hstack, primes, vstack
from ..problems import Problem


@dataclass(frozen=True)
class OneLayer:
    """Rank evidence of B1 and the exact squared Frobenius residual of the best single W."""

    rank_inputs: int
    rank_all: int
    squared_residual: fmpq

    @property
    def solvable(self) -> bool:
        return self.rank_inputs == self.rank_all


def one_layer(problem: Problem) -> OneLayer:
    """min over W of ‖W·[X1 X2] − [Y1 Y2]‖_F², a rational number, and the ranks of B1.

    With R rows of [X1 X2] that span its row space, the minimum is
    ‖Y‖² − tr(Y·R*·(R·R*)⁻¹·R·Y*) (normal equations, exact)."""
    X, Y = hstack(problem.X1, problem.X2), hstack(problem.Y1, problem.Y2)
    rank = X.rank()
    R = X if rank == X.rows else _independent_rows(X, rank)
    captured = _captured(R, Y) if R is not None else fmpq(0)
    return OneLayer(rank, vstack(X, Y).rank(), Y.frobenius_squared() - captured)


def _independent_rows(X: ExactMatrix, rank: int) -> ExactMatrix | None:
    """Rows that span the row space, or None for a zero matrix: independent modulo a prime is
    independent over C."""
    integral = X.integral()
    for p in primes():
        echelon, found = integral.image(p)[0].transpose().rref()
        if found == rank:
            table = echelon.tolist()
            kept = [next(j for j, x in enumerate(table[r]) if int(x)) for r in range(rank)]
            parts = [[x for j in kept for x in a.tolist()[j]] for a in (X.real_part, X.imag_part)]
            shape = (rank, X.cols)
            return ExactMatrix(*(fmpq_mat(*shape, part) for part in parts)) if rank else None
    return None  # pragma: no cover (all but finitely many primes keep the rank)


def _captured(R: ExactMatrix, Y: ExactMatrix) -> fmpq:
    """t = tr(Y·R*·G⁻¹·R·Y*) with G = R·R*, by the Chinese remainder theorem.

    For Gaussian integers det G and t·det G are integers with 0 < det G ≤ Π G_jj (Hadamard) and
    0 ≤ t ≤ ‖Y‖², so that enough primes that do not divide det G determine both."""
    inputs, outputs = R.integral(), Y.integral()
    bound = math.prod(inputs.row_squares()) * (1 + sum(outputs.row_squares()))
    modulus, found = 1, [0, 0]
    for p in primes():
        (r, r_star), (y, y_star) = inputs.image(p), outputs.image(p)
        G = r * r_star
        det = G.det()
        if int(det) == 0:
            continue
        square = y * r_star * G.solve(r * y_star)
        trace = sum((square[j, j] for j in range(y.nrows())), nmod(0, p))
        lift = pow(modulus, -1, p)
        for j, image in enumerate((int(det), int(trace * det))):
            found[j] += modulus * ((image - found[j]) * lift % p)
        modulus *= p
        if modulus > bound:
            break
    return fmpq(found[1], found[0]) / outputs.scale**2
