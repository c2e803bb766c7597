"""Norms of exp(t·M) for many t, on a logarithmic scale, from one eigendecomposition of M.

With M = R·diag(μ)·S, S = R⁻¹, the square of ‖W·exp(t·M)‖_F is the quadratic form f*·G·f in
f_j = e^(t·μ_j), with G_jk = (R*·W*·W·R)_jk·(S·S*)_kj.  Where eigenvectors are nearly dependent M is
perturbed by a tiny random matrix (E. B. Davies, "Approximate diagonalization", SIAM J. Matrix Anal.
Appl. 29, 2007); two shakings of different size tell whether float64 is enough for that.  If not,
the decomposition is made at 256 or more bits.  Nothing here has error bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, ctx
from numpy.typing import NDArray

from ..errors import BranchError
from ..exact import ExactMatrix, Quotient
from ..spectrum import spectrum
from ..spectrum.floats import float_eigenvectors
from ..spectrum.similarity import inverse_iteration

Floats = NDArray[np.float64]
Array = NDArray[np.complex128]
_LN10 = math.log(10)
#: Bits of float64 decompositions; t·μ_j is formed with a few more than the 53.
FLOAT_BITS = 64
#: Condition of the eigenvectors from which float64 decomposes a perturbed matrix instead.
_DEPENDENT = 1e12
#: Relative sizes of the two shakings whose results are compared.
_SHAKINGS = (1e-12, 1e-10)
#: Size up to which many bits are affordable.
_FEW = 8
#: Largest |t·μ| that float64 forms to a digit or two more than is asked of its exponential.
FORMED = 1e10
#: Share of its terms below which a quadratic form is not believed.
_CANCELLED = 1e-10
#: Bits of what is computed in balls that have to be seen.
_SEEN = 8
#: −log2 of what errors of eigenvectors may change.
_SAFE = 64
#: Digits by which their results may differ.
_AGREEMENT = 0.3


#: Bits times steps of QR that a prediction may take beyond the usual 14·d.
_QR_WORK = 1_000_000


class UnpredictedError(BranchError):
    """No α can be chosen by what it is predicted to lose."""


@dataclass(frozen=True)
class Weight:
    """matrix·10^log10 with the largest modulus of an entry of ``matrix`` near 1."""

    matrix: Array
    log10: float

    @classmethod
    def of(cls, matrix: Any) -> Weight:
        """An array, or an ``acb_mat``, of whatever size its entries are."""
        if isinstance(matrix, np.ndarray):
            top = float(np.abs(matrix).max())
            shift = math.floor(math.log2(top)) if 0 < top < math.inf else 0
            return cls(np.asarray(matrix * 2.0**-shift, np.complex128), shift * math.log10(2.0))
        size = _size(matrix)
        if not (size.is_finite() and size > 0):
            return cls(_to_numpy(matrix), 0.0)
        with ctx.workprec(64):
            scale = arb(2) ** (size.log() / arb(2).log()).mid().floor()
        return cls(_to_numpy(matrix * acb(1 / scale)), float((scale.log() / arb(10).log()).mid()))

    def to_float64(self) -> Array:
        """The matrix itself; entries beyond float64's range keep their proportions to it."""
        result: Array = self.matrix * 10.0 ** min(max(self.log10, -300.0), 300.0)
        return result

    @property
    def log10_norm(self) -> float:
        """log10 of the Frobenius norm."""
        return log10(float(np.linalg.norm(self.matrix))) + self.log10


@dataclass(frozen=True)
class Eigensystem:
    """μ (``acb``) with R and S, as complex128 arrays or as ``acb_mat`` with ``bits`` bits."""

    values: list[Any]
    R: Any
    S: Any
    bits: int

    def with_values(self, values: list[Any]) -> Eigensystem:
        """The same eigenvectors with other eigenvalues: a function of the matrix."""
        return Eigensystem(values, self.R, self.S, self.bits)

    def matrix(self) -> Weight:
        """R·diag(μ)·S, its large entries right."""
        if isinstance(self.R, np.ndarray):
            total = (self.R * np.array([complex(z.mid()) for z in self.values])) @ self.S
            return Weight.of(total)
        d = len(self.values)
        for bits in _precisions(self.bits):
            with ctx.workprec(bits):
                scaled = [z * self.values[k % d] for k, z in enumerate(self.R.entries())]
                total = acb_mat(d, d, scaled) * (self.S * 1)
                width = max(z.rad() for z in total.entries())
                if width < _size(total.mid()) * arb(2) ** -_SEEN:
                    break
        return Weight.of(total.mid())


def _precisions(bits: int) -> tuple[int, ...]:
    """Precisions to try up to ``bits``: what is given to more of them often needs only a few."""
    return (*(b for b in (128, 512, 2048, 8192, 32_768) if b < bits), bits)


class Exponentials:
    """Norms of W·exp(t·M) for one M and several weights W."""

    def __init__(self, system: Eigensystem) -> None:
        self.values, self.bits, self.system = system.values, system.bits, system
        self._grams: dict[tuple[int, int], tuple[Array | None, Any, Any]] = {}

    @cached_property
    def mu(self) -> Any:
        """The eigenvalues in float64, or None where that is not enough for the eigenvectors."""
        if not isinstance(self.system.R, np.ndarray):
            return None
        return np.array([complex(z.mid()) for z in self.values])

    def in_float64(self, ts: Array, weight: Weight | None = None) -> tuple[Floats, Floats]:
        """:meth:`log10_norm` for many t, and the largest |t·μ_j|: up to ``FORMED`` float64 forms
        t·μ well enough, beyond it the norm may be wrong by any few digits."""
        points = ts[:, None] * self.mu
        tops = points.real.max(axis=1)
        rows = np.exp(points - tops[:, None])
        _, gram, size = self._gram(weight.matrix if weight else None)
        sizes = np.abs(rows)
        sizes = ((sizes @ size) * sizes).sum(axis=1)
        squares = ((rows.conj() @ gram) * rows).sum(axis=1).real
        sound = squares > _CANCELLED * sizes
        out = np.log10(np.where(sound, squares, 1.0)) / 2
        for j in np.flatnonzero(~sound):
            out[j] = self._directly(rows[j], weight.matrix if weight else None) / 2
        out += tops * (1 / _LN10) + (weight.log10 if weight else 0.0)
        return out, np.abs(points).max(axis=1)

    def _directly(self, factors: Array, weight: Array | None) -> float:
        """log10 of the square of the norm where the quadratic form has cancelled."""
        total = (self.system.R * factors) @ self.system.S
        return 2 * log10(float(np.linalg.norm(total if weight is None else weight @ total)))

    def log10_norm(self, t: Any, weight: Weight | None = None) -> float:
        """log10 ‖W·exp(t·M)‖_F; infinite where t·μ leaves the range of numbers."""
        with ctx.workprec(self.bits):
            scaled = [(t * mu).mid() for mu in self.values]
            top = max((z.real for z in scaled), key=lambda x: float(x.mid()))
            if not math.isfinite(float(top.mid())):
                return math.inf
            # Terms below e^-700 of the largest would only underflow.
            shifted = [z - top if float((z.real - top).mid()) > -700 else None for z in scaled]
        square = self._square(shifted, weight.matrix if weight else None)
        size = weight.log10 if weight else 0.0
        return square / 2 + float(top.mid()) / _LN10 + size

    def _square(self, exponents: list[Any], weight: Array | None) -> float:
        """log10 of the quadratic form in f_j = exp of these (None: 0): with as many bits as its
        cancellation takes."""
        if isinstance(self.system.R, np.ndarray):
            _, gram, sizes = self._gram(weight)
            with ctx.workprec(self.bits):
                f = np.array([0 if z is None else complex(z.exp().mid()) for z in exponents])
            square = float((f.conj() @ gram @ f).real)
            if square > _CANCELLED * float(np.abs(f) @ sizes @ np.abs(f)):
                return log10(square)
            return self._directly(f, weight)
        for bits in _precisions(self.bits):
            with ctx.workprec(bits):
                column = acb_mat(
                    len(exponents), 1, [0 if z is None else z.exp() for z in exponents]
                )
                gram = self._gram(weight, bits)[1]
                value = (column.transpose().conjugate() * gram * column)[0, 0].real
                if value.rel_accuracy_bits() > _SEEN or (bits == self.bits and value.mid() > 0):
                    return float((value.mid().log() / arb(10).log()).mid())
        return -math.inf

    def _gram(self, weight: Array | None, bits: int = 0) -> tuple[Array | None, Any, Any]:
        """The weight, the matrix of its quadratic form and, in float64, the sizes of that;
        otherwise in balls of ``bits`` bits."""
        key = id(weight), bits
        if key not in self._grams:
            R, S = self.system.R, self.system.S
            if isinstance(R, np.ndarray):
                left = R if weight is None else weight @ R
                gram: Any = (left.conj().T @ left) * (S @ S.conj().T).T
                self._grams[key] = weight, gram, np.abs(gram)
            else:
                self._grams[key] = weight, _ball_gram(R * 1, S * 1, weight), None
        return self._grams[key]


def _ball_gram(R: Any, S: Any, weight: Array | None) -> Any:
    """(R*·W*·W·R)_jk·(S·S*)_kj at the current precision."""
    left = R if weight is None else acb_mat(weight.tolist()) * R
    one = left.transpose().conjugate() * left
    two = (S * S.transpose().conjugate()).transpose()
    pairs = zip(one.entries(), two.entries(), strict=True)
    return acb_mat(R.nrows(), R.nrows(), [x * y for x, y in pairs])


def trusted(
    left: ExactMatrix,
    right: ExactMatrix,
    change: Callable[[Eigensystem], Eigensystem],
    least: int = 0,
    known: Callable[[], bool] = lambda: False,
) -> Eigensystem:
    """An eigensystem of left⁻¹·right with eigenvalues replaced by ``change``, good enough to
    predict norms from, at ``least`` so many bits (0: float64 may do); ``known``: whether
    eigenvalues are simple and known exactly, asked where float64 is not enough.

    :class:`UnpredictedError` if none is found."""
    perturbed = [] if least else [change(system) for system in _in_float64(left, right)]
    if not all(z.is_finite() for system in perturbed for z in system.values):
        perturbed = []  # an eigenvalue has underflowed
    if len(perturbed) == 1:
        return perturbed[0]
    simple = known()
    few = left.rows <= (_FEW if not simple else 2 * _FEW)
    # shaken eigenvalues can agree with each other and be far from the known ones
    if perturbed and not (few and simple) and _agree(perturbed[0], perturbed[1]):
        return perturbed[0]
    most = 4 if few and left.rows > 4 and not simple else 5 if few else 3
    precisions = (256, 1024, 4096, 16_384, 65_536)[:most]
    least = min(least, precisions[-1])
    for bits in sorted({least or precisions[0], *(b for b in precisions if b > least)}):
        found = _from_balls(left, right, bits, simple)
        if found is not None:
            return change(found)
    raise UnpredictedError(
        "no spectrum was found to predict digits lost from", "give α as a number"
    )


def _agree(one: Eigensystem, two: Eigensystem) -> bool:
    """Whether both give about the same ‖M‖ and ‖exp(±M)‖."""
    first, second = Exponentials(one), Exponentials(two)
    pairs = [(first.log10_norm(acb(t)), second.log10_norm(acb(t))) for t in (1, -1)]
    pairs.append((one.matrix().log10_norm, two.matrix().log10_norm))
    return all(x == y or abs(x - y) < _AGREEMENT for x, y in pairs)


def _in_float64(left: ExactMatrix, right: ExactMatrix) -> Iterator[Eigensystem]:
    """One eigensystem, or those of two shakings, or none."""
    found = float_eigenvectors(left, right)
    if found is None or not _condition_below(left.to_numpy(), 1e7):
        return
    matrix, values, R = found
    size = float(np.abs(matrix).max())
    # squares and what is formed from them leave float64's range, or entries have underflowed
    if not (right.is_zero() or 1e-150 < size < 1e150):
        return
    if _condition_below(R, _DEPENDENT):
        yield _floats(values, R)
        return
    for seed, change in enumerate(_SHAKINGS):
        noise = np.random.default_rng(seed).standard_normal((*matrix.shape, 2)) @ np.array([1, 1j])
        yield _floats(*np.linalg.eig(matrix + change * size * noise))


def _condition_below(matrix: Array, most: float) -> bool:
    """Whether the condition number is at most that: by an inverse, by singular values (ten times
    the work) where its Frobenius norm leaves that open."""
    try:
        inverse = np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        return False
    if float(np.linalg.norm(matrix)) * float(np.linalg.norm(inverse)) <= most:
        return True
    return bool(np.linalg.cond(matrix) <= most)


def _floats(values: Array, R: Array) -> Eigensystem:
    balls = [acb(float(z.real), float(z.imag)) for z in values]
    return Eigensystem(balls, R, np.linalg.inv(R), FLOAT_BITS)


@lru_cache(maxsize=16)  # several α, windings and branches of one problem ask for the same
def _from_balls(
    left: ExactMatrix, right: ExactMatrix, bits: int, simple: bool
) -> Eigensystem | None:
    """Eigenvectors of left⁻¹·right at ``bits`` bits: of ``simple`` eigenvalues from these, else as
    they are if their condition leaves a hundred bits in the quadratic form, else (from 1024 bits
    on) of a perturbed matrix."""
    from ..spectrum.isolation import ball_matrix

    room = (bits - 100) // 2
    with ctx.workprec(bits):
        try:
            matrix = ball_matrix(left).solve(ball_matrix(right), algorithm="precond").mid()
        except ZeroDivisionError:
            return None
        if simple:
            return _from_eigenvalues(matrix, Quotient(left, right))
        found = _decomposed(matrix, bits, room)
        if found is None and bits >= 1024:
            noise = np.random.default_rng(0).standard_normal((left.rows, left.rows))
            size = max(float(abs(x).mid()) for x in matrix.entries()) or 1.0
            shaking = acb_mat(noise.tolist()) * (arb(size) * arb(2) ** -room)
            found = _decomposed((matrix + shaking).mid(), bits, room + 20)
        return found


def _from_eigenvalues(K: Any, quotient: Quotient) -> Eigensystem | None:
    """From the known eigenvalues; None unless to first order R·(I + E) are eigenvectors with E so
    small that no function R·diag(f)·S, |f| ≤ 1, moves by more than 2^-_SAFE."""
    from ..spectrum.isolation import eigenvalue_ball

    d = K.nrows()
    try:
        values = [
            eigenvalue_ball(e, quotient, ctx.prec).mid() for e in spectrum(quotient).eigenvalues
        ]
        R = inverse_iteration(K, values)
        if R is None:
            return None
        S = R.solve(_identity(d), algorithm="approx").mid()
    except (ValueError, ZeroDivisionError):
        return None
    off, G = (S * (K * R)).mid().entries(), (S * R - _identity(d)).mid().entries()
    columns, rows = R.entries(), S.entries()
    with ctx.workprec(64):
        right = [max(abs(z).mid() for z in columns[j::d]) for j in range(d)]
        left = [max(abs(z).mid() for z in rows[i * d : (i + 1) * d]) for i in range(d)]
        most = arb(2) ** -_SAFE
        for i in range(d):
            for j in range(d):
                k = i * d + j
                change = abs(G[k]).mid()
                if i != j:
                    change += abs(off[k] / (values[j] - values[i])).mid()
                if not change * right[i] * left[j] < most:
                    return None
    return Eigensystem(values, R, S, ctx.prec)


def forget() -> None:
    """Forget the eigensystems that are kept, so that a prediction can be timed again."""
    _from_balls.cache_clear()


def _decomposed(matrix: Any, bits: int, room: int) -> Eigensystem | None:
    """R, μ, S without error bounds; None if log2(‖R‖·‖S‖) exceeds ``room``."""
    # QR does not converge on eigenvalues that are close to far below their size, and thousands of
    # steps of as many bits are not worth a prediction
    steps = 14 * matrix.nrows() + _QR_WORK // bits if bits > 4096 else 0
    try:
        values, R = matrix.eig(right=True, algorithm="approx", maxiter=steps)
        R = R.mid()
        S = R.solve(_identity(R.nrows()), algorithm="approx").mid()
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    condition = _size(R) * _size(S)
    if not (condition.is_finite() and condition < arb(2) ** room):
        return None
    return Eigensystem([z.mid() for z in values], R, S, bits)


def _identity(d: int) -> Any:
    return acb_mat(d, d, [acb(int(r == c)) for r in range(d) for c in range(d)])


def _size(matrix: Any) -> Any:
    """The largest modulus of an entry."""
    return max((abs(z).mid() for z in matrix.entries()), key=lambda x: x)


def _to_numpy(matrix: Any) -> Array:
    d = matrix.nrows()
    return np.array([complex(z.mid()) for z in matrix.entries()]).reshape(d, d)


def log10(value: float) -> float:
    """log10, −∞ at and below zero."""
    return math.log10(value) if value > 0 else -math.inf
