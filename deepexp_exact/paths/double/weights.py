"""The weights in float64, for any first layer: what an ordinary NumPy/SciPy script gets.

``scipy.linalg.expm`` and ``logm`` do the work, as a user would write it.  The branch is taken from
the record: ``logm``'s eigenvalues are held against it, and where they left it (or the record is not
principal) L is made again from eigenvectors with the recorded logarithms.  Overflow, NaN and a
branch left by ``logm`` are findings, never exceptions.
"""

from __future__ import annotations

import cmath
import contextlib
import math
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...branches import BranchRecord
from ...constructions.completion import row_factors
from ...exact import fmpq_to_float
from ...problems import Problem
from ...solution import Label, Solution
from ...spectrum import spectrum

Array = NDArray[Any]
#: An eigenvalue of L farther than this from its recorded place is on another branch.
_OTHER_BRANCH = 0.1


@dataclass(frozen=True)
class FloatFirstLayer:
    """W1, A = exp(W1·X1) and A⁻¹."""

    W1: Array
    A: Array
    inverse_A: Array


def deliver(
    first_layer: Callable[[Problem, BranchRecord, list[str]], FloatFirstLayer],
    problem: Problem,
    record: BranchRecord,
    digits: int,
) -> Solution:
    """W1, W2, W3 as complex128 arrays, d×d; ``digits`` is recorded and changes nothing.

    ``findings`` say what went wrong (overflow, NaN, a singular D in float64, a branch that had to
    be taken from eigenvectors); residuals are inf where something is not finite.  The label is
    AGREES only as "computed": comparison with another path, as ``solve`` does, tells what that is
    worth."""
    started = time.perf_counter()
    findings: list[str] = []
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layer = first_layer(problem, record, findings)
        K = _quotient(problem, record, findings)
        L = _logarithm(K, problem, record, findings)
        Z = L / (complex(record.alpha) - 1)
        weights: tuple[Array, Array, Array] = (
            layer.W1,
            Z @ layer.inverse_A,
            problem.Y1.to_numpy() @ exp(-Z, "exp(−Z)", findings),
        )
        if record.real and problem.is_real():
            weights = (weights[0].real, weights[1].real, weights[2].real)
    steps = {"A": layer.A, "K": K, "L": L, "Z": Z}
    return as_solution(problem, record, digits, weights, steps, findings, started)


def as_solution(
    problem: Problem,
    record: BranchRecord,
    digits: int,
    weights: tuple[Array, Array, Array],
    steps: dict[str, Array],
    findings: list[str],
    started: float,
) -> Solution:
    """The weights with the residuals that float64 sees."""
    with np.errstate(all="ignore"):
        residuals = tuple(
            _residual(*weights, X.to_numpy(), Y.to_numpy())
            for X, Y in ((problem.X1, problem.Y1), (problem.X2, problem.Y2))
        )
    if not all(map(math.isfinite, residuals)):
        findings.append("overflow or NaN: nothing is left of float64's digits")
    W1, W2, W3 = weights
    return Solution(
        problem=problem,
        construction=record.construction,
        path="double",
        record=record,
        digits=digits,
        digits_carried=15,
        working_digits=15,
        W1=W1,
        W2=W2,
        W3=W3,
        step=steps.__getitem__,
        residuals=(residuals[0], residuals[1]),
        errors=(math.nan, math.nan, math.nan),
        errors_are="unknown",
        label=Label.AGREES,
        seconds=time.perf_counter() - started,
        findings=tuple(dict.fromkeys(findings)),
    )


def log_scale(record: BranchRecord) -> complex:
    """c = Log α + 2πi·turn; log1p where α is near 1."""
    near = complex(fmpq_to_float(record.alpha.re - 1), fmpq_to_float(record.alpha.im))
    alpha = complex(record.alpha)
    small = abs(near) < 0.5
    real = 0.5 * math.log1p(2 * near.real + abs(near) ** 2) if small else math.log(abs(alpha))
    return complex(real, cmath.phase(alpha) + 2 * math.pi * record.turn)


def inverse(matrix: Array, name: str, findings: list[str]) -> Array:
    try:
        if np.isfinite(matrix).all():
            return np.asarray(np.linalg.inv(matrix))
    except np.linalg.LinAlgError:
        findings.append(f"{name} is singular in float64")
    return np.full_like(matrix, np.nan)


def solve(left: Array, right: Array, name: str, findings: list[str]) -> Array:
    try:
        return np.asarray(np.linalg.solve(left, right))
    except np.linalg.LinAlgError:
        findings.append(f"{name} is singular in float64")
        return np.full_like(left, np.nan)


def _quotient(problem: Problem, record: BranchRecord, findings: list[str]) -> Array:
    """K = Y1⁻¹·Y2, or I + S·(C1·S)⁻¹·(C2 − C1) with the S of the record; I where Y1 = Y2."""
    if problem.Y1 == problem.Y2:
        return np.eye(problem.d, dtype=np.complex128)
    if record.completion.S is None:
        return solve(problem.Y1.to_numpy(), problem.Y2.to_numpy(), "Y1", findings)
    S = record.completion.S.to_numpy()
    C1, C2 = (C.to_numpy() for C in row_factors(problem.Y1, problem.Y2))
    K = np.asarray(np.eye(problem.d) + S @ solve(C1 @ S, C2 - C1, "C1·S", findings))
    if record.completion.n is None:
        return K
    n = record.completion.n.to_numpy()
    return np.asarray(K - n @ (n.T @ K) * (2 / (n.T @ n)))


def exp(matrix: Array, name: str, findings: list[str]) -> Array:
    from scipy.linalg import expm

    if not np.isfinite(matrix).all():
        return np.full_like(matrix, np.nan)
    try:
        value = np.asarray(expm(matrix))
    except (ValueError, OverflowError, MemoryError, np.linalg.LinAlgError):
        value = np.full_like(matrix, np.nan)
    if not np.isfinite(value).all():
        findings.append(f"{name} overflows float64")
    return value


@contextlib.contextmanager
def same_random_numbers() -> Iterator[None]:
    """SciPy's ``logm`` estimates norms with NumPy's global random numbers: without this the last
    bits of L, and sometimes its degree, change from call to call.  The state is put back."""
    state = np.random.get_state()
    np.random.seed(0)
    try:
        yield
    finally:
        np.random.set_state(state)


def _logarithm(K: Array, problem: Problem, record: BranchRecord, findings: list[str]) -> Array:
    from scipy.linalg import logm

    if not np.isfinite(K).all():
        return np.full_like(K, np.nan)
    if record.logarithm.J is not None:
        return _paired(K, record.logarithm.J.to_numpy().real, findings)
    values, wanted = _recorded(problem, record)
    try:
        with same_random_numbers():
            L = np.asarray(logm(K), dtype=np.complex128)
        if np.isfinite(L).all():
            distance = _distance(np.linalg.eigvals(L), wanted)
            if distance < _OTHER_BRANCH:
                return L
            findings.append("logm left the recorded branch; L made from eigenvectors")
    except (ValueError, ArithmeticError):  # LinAlgError is a ValueError
        findings.append("logm failed; L made from eigenvectors")
    return _from_eigenvectors(K, values, wanted, findings)


def _paired(K: Array, J: Array, findings: list[str]) -> Array:
    """The real logarithm that J makes: log(−K₋) + π·J where the eigenvalues are negative, the
    principal one elsewhere, split by an ordered Schur form and a Sylvester equation."""
    from scipy.linalg import block_diag, logm, schur, solve_sylvester

    d = len(K)
    try:
        T, Q, n = schur(K, output="complex", sort=lambda z: z.real < -1e3 * abs(z.imag))
        mixed = solve_sylvester(T[:n, :n], -T[n:, n:], -T[:n, n:]) if 0 < n < d else T[:n, n:]
        basis = Q @ np.block([[np.eye(n), mixed], [np.zeros((d - n, n)), np.eye(d - n)]])
        parts = [logm(block) for block in (-T[:n, :n], T[n:, n:]) if block.size]
        inverse_basis = np.linalg.inv(basis)
        turned = np.pi * J @ basis[:, :n] @ inverse_basis[:n]
        return np.asarray((basis @ block_diag(*parts) @ inverse_basis + turned).real, complex)
    except (ValueError, np.linalg.LinAlgError):
        findings.append("the negative eigenvalues of K are not separated in float64")
        return np.full_like(K, np.nan)


def _recorded(problem: Problem, record: BranchRecord) -> tuple[Array, Array]:
    """Eigenvalues of K and their recorded logarithms, with multiplicity."""
    values, logs = [], []
    eigenvalues = spectrum(record.quotient(problem)).eigenvalues
    for e, entry in zip(eigenvalues, record.entries, strict=True):
        z = complex(e.enclosure.center)
        angle = 1.0 if entry.on_negative_axis else e.enclosure.angle_over_pi()
        log = complex(e.enclosure.log_abs(), math.pi * angle)
        values += [z] * entry.multiplicity
        for part in entry.parts:
            logs += [log + 2j * math.pi * part.k] * part.multiplicity
    return np.array(values), np.array(logs)


def _assign(found: Array, wanted: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The assignment of least total distance."""
    distances = np.abs(found[:, None] - wanted[None, :])
    nearest = _each_its_nearest(distances)
    if nearest is not None:
        return np.arange(len(nearest)), nearest
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(distances)
    return rows, columns


def _each_its_nearest(distances: Array) -> NDArray[np.intp] | None:
    """For each row in turn its nearest column still free, where no row has to take a farther one
    than its nearest: then no assignment has a smaller total.  Spares importing scipy.optimize."""
    free = distances.copy()
    columns = np.zeros(len(distances), dtype=np.intp)
    for row, best in enumerate(distances.min(axis=1)):
        columns[row] = free[row].argmin()
        if free[row, columns[row]] != best:
            return None
        free[:, columns[row]] = math.inf
    return columns


def _distance(found: Array, wanted: Array) -> float:
    rows, columns = _assign(found, wanted)
    return float(np.abs(found[rows] - wanted[columns]).max())


def _from_eigenvectors(K: Array, values: Array, logs: Array, findings: list[str]) -> Array:
    try:
        w, R = np.linalg.eig(K)
        rows, columns = _assign(w, values)
        ordered = np.empty_like(logs)
        ordered[rows] = logs[columns]
        if np.linalg.cond(R) > 1e12:
            findings.append("the eigenvectors of K are numerically dependent")
        return np.asarray(R @ np.diag(ordered) @ np.linalg.inv(R))
    except (np.linalg.LinAlgError, ValueError):
        findings.append("the eigenvectors of K are dependent in float64")
        return np.full_like(K, np.nan)


def _residual(W1: Array, W2: Array, W3: Array, X: Array, Y: Array) -> float:
    """‖f(X) − Y‖_F/‖Y‖_F in float64, ‖f(X)‖ where Y = 0; inf where it is not finite."""
    ignored: list[str] = []
    value = W3 @ exp(W2 @ exp(W1 @ X, "", ignored), "", ignored)
    ratio: Any = np.linalg.norm(value - Y) / (np.linalg.norm(Y) or 1)
    return float(ratio) if np.isfinite(ratio) else math.inf


def digits_agreed(weights: Sequence[Array], reference: Solution) -> tuple[float, float, float]:
    """Decimal digits to which each float64 weight agrees with a reference solution of the record.

    −log10 of ‖W − W_ref‖_F/‖W_ref‖_F for W1, W2, W3, as it is: below 0 where the error is larger
    than the weight, −inf where a weight is not finite, inf where there is no difference.
    ``reference`` holds mpmath matrices (the multiprecision path).  The difference is taken in
    mpmath, so a reference outside float64's range is compared too."""
    from mpmath import MPContext

    mp = MPContext()
    mp.dps = 40
    digits = []
    for mine, theirs in zip(weights, reference.weights, strict=True):
        if not np.isfinite(mine).all():
            digits.append(-math.inf)
            continue
        rows = [[mp.mpc(complex(x)) for x in row] for row in mine]
        exact = mp.matrix(theirs.rows, theirs.cols)
        for r in range(theirs.rows):
            for c in range(theirs.cols):
                exact[r, c] = mp.convert(theirs[r, c])
        gap, size = mp.mnorm(mp.matrix(rows) - exact, "f"), mp.mnorm(exact, "f")
        ratio = gap / size if size else gap
        digits.append(-float(mp.log10(ratio)) if ratio else math.inf)
    return digits[0], digits[1], digits[2]
