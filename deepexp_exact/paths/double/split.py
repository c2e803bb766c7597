"""The construction ``split`` in float64, as a careful script writes it.

The block by an ordered Schur form and a Sylvester equation (Bavely & Stewart 1979), the root by
Newton's iteration, the factorisation with prescribed pivots with C1 − I in place of C1.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from ...branches import BranchRecord
from ...constructions.split.parameters import SplitParameters
from ...exact import gaussian
from ...problems import Problem
from ...solution import Solution
from .weights import Array, FloatFirstLayer, deliver, exp, inverse, log_scale, solve


def solve_split(problem: Problem, record: BranchRecord, digits: int = 15) -> Solution:
    """The weights in float64; findings and label as :func:`.weights.deliver` says."""
    return deliver(first_layer, problem, record, digits)


def first_layer(problem: Problem, record: BranchRecord, findings: list[str]) -> FloatFirstLayer:
    """W1, and exp(±W1·X1) = e^(±m)·Π + exp(±N)·(I − Π)."""
    given = cast("SplitParameters", record.first_layer.parameters)
    X1, X2, c = problem.X1, problem.X2, log_scale(record)
    if given.exchanged:
        X1, X2, c = X2, X1, -c
    D, s, one = X2 - X1, float(given.s.p) / float(given.s.q), np.eye(problem.d)
    Xs = (X1 + D.scale(gaussian(given.s))).to_numpy()
    F = solve(Xs, D.to_numpy(), "X_s", findings)
    right, left, block = _splitting(F, given, findings)
    Pi, m = right @ left, 0j
    rest = c * solve(F @ (one - Pi) + Pi, one - Pi, "F on the rest", findings)
    W = rest
    if given.q:
        M, m, basis = _block(block, left, given, s, c, findings)
        W = W + right @ basis @ M @ solve(basis, left, "the basis", findings)
    N = rest @ (one - s * F)
    up = np.exp(m) * Pi + exp(N, "exp(W1·X1)", findings) @ (one - Pi)
    down = np.exp(-m) * Pi + exp(-N, "exp(−W1·X1)", findings) @ (one - Pi)
    if given.exchanged:
        up, down = up / complex(record.alpha), down * complex(record.alpha)
    return FloatFirstLayer(solve(Xs.T, W.T, "X_s", findings).T, up, down)


def _splitting(F: Array, given: SplitParameters, findings: list[str]) -> tuple[Array, Array, Array]:
    """right (d×q) and left (q×d) with right·left = Π, left·right = I, and left·F·right."""
    import scipy.linalg

    d, q = len(F), given.q
    one = np.eye(d, dtype=np.complex128)
    if given.rho is None:
        return one[:, :q], one[:q], F[:q, :q]
    rho, empty = float(given.rho.p) / float(given.rho.q), np.full((d, d), np.nan, np.complex128)
    try:
        T, U, found = scipy.linalg.schur(F, "complex", sort=lambda z: abs(z) < rho)
        if found == q:
            R = scipy.linalg.solve_sylvester(T[:q, :q], -T[q:, q:], T[:q, q:])
            return U[:, :q], np.hstack([one[:q, :q], R]) @ U.conj().T, T[:q, :q]
        findings.append(f"float64 sees {found} eigenvalues in the circle instead of {q}")
    except (ValueError, np.linalg.LinAlgError):
        findings.append("F has no ordered Schur form in float64")
    return empty[:, :q], empty[:q], empty[:q, :q]


def _block(
    block: Array, left: Array, given: SplitParameters, s: float, c: complex, findings: list[str]
) -> tuple[Array, complex, Array]:
    """M·A1⁻¹ in the recorded basis, m, and that basis in coordinates of the block."""
    q, turns = given.q, 2j * np.pi * np.array(given.integers)
    basis = left @ given.basis.to_numpy()
    F1 = solve(basis, block @ basis, "the basis", findings)
    A1 = np.eye(q) - s * F1
    E = solve(A1, F1, "A1", findings)
    if given.rank is None and given.root is not None:
        m = _newton(complex(given.root.centre), turns, c, np.linalg.det(np.eye(q) + E))
        gamma = c / (m + turns)
    else:
        m = -c
        gamma = (turns / (m + turns) - 1)[: given.rank]
    Lam, H = _prescribed_pivots(E, gamma)
    M = Lam * (m + turns) @ inverse(H, "H", findings)
    return solve(A1.T, M.T, "A1", findings).T, m, basis


def _newton(m: complex, turns: Array, c: complex, det: Any) -> complex:
    """Two steps for Π τ_j/μ_j = det from the recorded centre, which is m to float64 already."""
    for _ in range(2):
        mu = m + turns
        product = np.prod(1 + c / mu)
        step = (product - det) / (product * np.sum(-c / (mu * (mu + c))))
        m -= complex(step) if abs(step) < 1e-6 * abs(m) else 0
    return m


def _prescribed_pivots(E: Array, gamma: Array) -> tuple[Array, Array]:
    """Λ and H with (I + E)·Λ = H·U and pivots 1 + γ_j of U."""
    q, S = len(E), E.copy()
    Lam, H = np.eye(q, dtype=np.complex128), np.eye(q, dtype=np.complex128)
    for j in range(min(len(gamma), q - 1)):
        row = S[j, j + 1 :].copy()
        t = (gamma[j] - S[j, j]) * row.conj() / np.vdot(row, row)
        Lam[j + 1 :, j] = t
        h = (S[j + 1 :, j] + t + S[j + 1 :, j + 1 :] @ t) / (1 + gamma[j])
        H[j + 1 :, j] = h
        S[j + 1 :, j + 1 :] -= np.outer(h, row)
    return Lam, H
