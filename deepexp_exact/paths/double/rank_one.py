"""The construction of rank one in float64, as a careful script writes it: A and w from the record's
centre, one Newton step, W1 = z·ℓ."""

from __future__ import annotations

import time
import warnings
from typing import Any, cast

import numpy as np

from ...branches import BranchRecord
from ...constructions.rank_one.family import family
from ...constructions.rank_one.parameters import RankOneParameters
from ...constructions.rank_one.rows import Row, row_of
from ...problems import Problem
from ...solution import Solution
from .weights import Array, as_solution, exp, solve

#: Newton steps for A and w, and for the shift, beyond the record's centres.
_STEPS = 3


def solve_rank_one(problem: Problem, record: BranchRecord, digits: int = 15) -> Solution:
    """The weights in float64; findings and label as :func:`.weights.deliver` says."""
    started = time.perf_counter()
    findings: list[str] = []
    given = cast("RankOneParameters", record.first_layer.parameters)
    row = row_of(problem, given.row)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        K = record.quotient(problem).matrix
        A, w = _pair(K.to_numpy(), row, given, family(K, row.p, given.q), findings)
        a = _shift(A, w, row, given, findings)
        A = A + a * np.eye(problem.d)
        z = _column(A, w, row, given, findings)
        W1 = np.outer(z, row.ell.to_numpy()[0])
        inner = W1 @ problem.X1.to_numpy()
        up, down = exp(inner, "exp(W1·X1)", findings), exp(-inner, "exp(−W1·X1)", findings)
        W3 = problem.Y1.to_numpy() @ exp(-A, "exp(−A)", findings)
    B = A + np.outer(w, row.p.to_numpy()[0])
    steps = {"A": up, "K": K.to_numpy(), "L": B, "Z": A}
    return as_solution(problem, record, digits, (W1, A @ down, W3), steps, findings, started)


def _pair(
    K: Array, row: Row, given: RankOneParameters, made: Any, findings: list[str]
) -> tuple[Array, Array]:
    """A and w by Newton's iteration with SciPy's Fréchet derivatives."""
    from scipy.linalg import expm_frechet

    d, p, q = len(K), row.p.to_numpy()[0], given.q.to_numpy()[0]
    basis = made.basis.to_numpy()
    dA = basis[:, : d * d].reshape(-1, d, d)
    dw = solve(K, basis[:, d * d : d * d + d].T, "K", findings).T
    theta = np.array([complex(z) for z in given.centre])
    free = list(given.free)
    try:
        for _ in range(_STEPS):
            A, w = np.tensordot(theta, dA, 1), theta @ dw
            B, columns = A + np.outer(w, p), []
            for j in free:
                inner = expm_frechet(A, dA[j], compute_expm=False)
                outer = expm_frechet(B, dA[j] + np.outer(dw[j], p), compute_expm=False)
                columns.append(np.concatenate([p @ inner @ K, p @ outer]))
            first = p @ exp(A, "exp(A)", findings) @ K - q
            second = p @ exp(B, "exp(B)", findings) - q
            values = np.concatenate([first, second])
            theta[free] -= solve(np.array(columns).T, values, "the equations of A", findings)
    except ValueError:  # NaN or infinity
        findings.append("the equations of A and B leave float64's range")
        theta = theta * np.nan
    return np.tensordot(theta, dA, 1), theta @ dw


def _shift(A: Array, w: Array, row: Row, given: RankOneParameters, findings: list[str]) -> complex:
    """a: as recorded, or Newton's iteration for the equation of independent rows."""
    offset, a = given.offset, complex(given.offset.a)
    if offset.radius is None:
        return a
    r1, r2, turn = row.r1.to_numpy()[0], row.r2.to_numpy()[0], 2j * np.pi
    for _ in range(_STEPS):
        shifted = A + a * np.eye(len(A))
        v = solve(shifted, w, "A + a", findings)
        slope = -solve(shifted, v, "A + a", findings)
        x, y, dx, dy = r1 @ v, r2 @ v, r1 @ slope, r2 @ slope
        log = np.log(1 + y) + turn * offset.n
        value = x * log - turn * offset.k * y
        a -= complex(value / (dx * log + x * dy / (1 + y) - turn * offset.k * dy))
    return a


def _column(A: Array, w: Array, row: Row, given: RankOneParameters, findings: list[str]) -> Array:
    """z of W1 = z·ℓ in the four cases of Theorem 1, A shifted."""
    p = row.p.to_numpy()[0]
    v = solve(A + np.outer(w, p) * (row.case == 2), w, "A + a", findings)
    pv = complex(p @ v)
    if row.case == 4:
        factor = 2j * np.pi * given.offset.k / complex(row.r1.to_numpy()[0] @ v)
    elif row.case == 3 and row.rho is not None:
        factor = complex(np.log1p(pv)) / ((complex(row.rho) - 1) * pv)
    else:
        factor = complex(np.log1p(-pv if row.case == 2 else pv)) / pv
    return np.asarray(v * factor)
