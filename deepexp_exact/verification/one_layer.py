"""B1: what one layer Y = W·X can do with the same two equations, exactly."""

from __future__ import annotations

from dataclasses import dataclass

from flint import fmpq

from ..exact import ExactMatrix, gaussian, hstack, vstack
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

    With R the rows of [X1 X2] that span its row space, the minimum is
    ‖Y‖² − Re tr(Y·R*·(R·R*)⁻¹·R·Y*) (normal equations, exact)."""
    X, Y = hstack(problem.X1, problem.X2), hstack(problem.Y1, problem.Y2)
    rank = X.rank()
    R = X if rank == X.rows else _independent_rows(X, rank)
    rank_all = vstack(X, Y).rank()
    if R is None:
        return OneLayer(0, rank_all, Y.frobenius_squared())
    cross = Y @ R.conjugate_transpose()
    gram = R @ R.conjugate_transpose()
    captured = (
        gram.solve(cross.conjugate_transpose()).conjugate_transpose() @ cross.conjugate_transpose()
    )
    return OneLayer(rank, rank_all, Y.frobenius_squared() - captured.trace().re)


def _independent_rows(X: ExactMatrix, rank: int) -> ExactMatrix | None:
    """The first rows that span the row space, or None for a zero matrix."""
    chosen: list[list[object]] = []
    for row in X.to_rows():
        if any(z != gaussian(0) for z in row):
            trial = ExactMatrix.from_rows([*chosen, row])
            if trial.rank() == len(chosen) + 1:
                chosen.append(list(row))
        if len(chosen) == rank:
            break
    return ExactMatrix.from_rows(chosen) if chosen else None
