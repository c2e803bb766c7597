"""Why two layers cannot meet both equations: exact proofs, where one of those here applies."""

from __future__ import annotations

from ..constructions.completion import row_factors
from ..errors import NoSolutionError
from ..problems import Problem


def two_layers_obstacle(problem: Problem) -> tuple[str, str]:
    """The statement that excludes two layers W2·exp(W1·X) and its evidence in words, or two empty
    texts, which claim nothing.

    N1 and N2 hold for any depth: an exponential is invertible, and f is a function.  N3 is used in
    every basis: (Q·Xi·P, P⁻¹·W·Q⁻¹, P⁻¹·K·P) solves exp(−W·X1)·exp(W·X2) = K if (Xi, W, K) does, as
    exp(P⁻¹·M·P) = P⁻¹·exp(M)·P.  If S = X1 + X2 is invertible and E = S⁻¹·X1 a projection, a basis
    P that E is diagonal in and Q = P⁻¹·S⁻¹ give diag(I_r, 0) and I − diag(I_r, 0); the leading
    block of K is then E·K·E on the range of E, regular if and only if rank E·K·E = rank E."""
    if problem.X1 == problem.X2 and problem.Y1 != problem.Y2:
        return "N2", "X1 = X2, but Y1 and Y2 differ"
    try:
        row_factors(problem.Y1, problem.Y2)
    except NoSolutionError as error:
        return "N1", error.message
    total = problem.X1 + problem.X2
    if not (problem.Y1.is_invertible() and total.is_invertible()):
        return "", ""
    E = total.solve(problem.X1)
    if E @ E != E:
        return "", ""
    rank, block = E.rank(), (E @ problem.K @ E).rank()
    if block == rank:
        return "", ""
    return "N3", (
        f"(X1 + X2)⁻¹·X1 is a projection of rank {rank}, and the block of K on its range, which "
        f"would be an exponential, has rank {block}"
    )
