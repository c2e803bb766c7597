"""The primary logarithm of smallest Frobenius norm, as a closest-vector problem.

Every primary logarithm is L0 + 2πi·Σ n_j·P_j with P_j the spectral projector of the j-th distinct
eigenvalue (Higham, *Functions of Matrices*, theorem 1.28), so ‖L‖_F² is a quadratic form in n with
Gram matrix 4π²·Re tr(P_j* P_k).  The search is Schnorr–Euchner's enumeration of a reduced basis in
ball arithmetic: a branch is left out only if it is certainly not the best.  By Schur's inequality
only |arg λ_j + 2π·n_j| ≤ ‖L0‖_F can occur, so the search is finite.

Eigenvalues whose projectors are orthogonal as far as the balls tell (all of them if K is normal)
are searched apart; what the neglected products could change at most is allowed for.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flint import acb, acb_mat, arb, arb_mat, ctx, fmpz_mat

from ..errors import PrecisionCeilingError
from ..exact import Quotient
from ..spectrum import Eigenvalue, Spectrum
from ..spectrum.isolation import ball_matrix, eigenvalue_ball

#: Most nodes of the enumeration tree.
MAX_NODES = 500_000
#: Working precisions tried, in bits; what the last one leaves undecided is a tie.
_BITS = (128, 256, 512, 1024, 2048)
#: And those tried further on where the projectors, as large as eigenvalues are close, could not be
#: enclosed before.
_MORE_BITS = (8192, 24_576, 65_536, 196_608)
#: Size up to which the last of these takes a second or two.
_FEW = 4
#: log2 of projectors from which on they are made from the eigenvalues, not from eigenvectors.
_LARGE = 80.0


def smallest_norm(K: Quotient, found: Spectrum) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The integers k of the primary logarithm of least ‖L‖_F, and notes on ties.

    Ties and comparisons undecided at the last precision take the smallest Σ|k|, then the
    lexicographically largest k, and are noted.  Raises :class:`PrecisionCeilingError` if the
    projectors cannot be enclosed or the search grows past ``MAX_NODES``."""
    conjugate = _conjugation(found) if K.is_real() else None
    parts: _Parts | None = None
    size = found.separation()
    for bits in (*_BITS, *(_MORE_BITS if K.d <= _FEW else _MORE_BITS[:-1])):
        if parts is not None and bits > _BITS[-1]:
            break
        if bits < min(size, 60_000.0):  # too few to enclose them
            continue
        with ctx.workprec(bits):
            parts = _search(K, found, bits) or parts
        if parts is None:
            continue
        if parts.count == 1:
            return parts.best(), ()
        if conjugate is not None and parts.count == 2:
            first, second = parts.some(2)
            if conjugate(first) == second:
                other = first if second == parts.best() else second
                words = "2 branches of equal norm, complex conjugates of each other"
                note = f"{words}: taken {_listed(parts.best())}, not {_listed(other)}"
                return parts.best(), (note,)
    if parts is None:
        raise PrecisionCeilingError(
            f"the spectral projectors of K could not be enclosed with {bits} bits",
            "use the principal branch or give the integers",
        )
    others = [n for n in parts.some(4) if n != parts.best()][:3]
    words = f"{parts.count} branches of equal norm (or undecided with {_BITS[-1]} bits)"
    listed = "; ".join(map(_listed, others))
    return parts.best(), (f"{words}: taken {_listed(parts.best())}, others {listed}",)


def _listed(n: tuple[int, ...]) -> str:
    return ",".join(map(str, n))


@dataclass(frozen=True)
class _Parts:
    """Index sets searched apart, each with its candidates; a branch takes one from each."""

    indices: list[list[int]]
    candidates: list[list[tuple[int, ...]]]

    @property
    def count(self) -> int:
        return math.prod(map(len, self.candidates))

    def _assemble(self, choice: tuple[tuple[int, ...], ...]) -> tuple[int, ...]:
        out = [0] * sum(map(len, self.indices))
        for indices, integers in zip(self.indices, choice, strict=True):
            for j, k in zip(indices, integers, strict=True):
                out[j] = k
        return tuple(out)

    def some(self, most: int) -> list[tuple[int, ...]]:
        choices = itertools.islice(itertools.product(*self.candidates), most)
        return [self._assemble(choice) for choice in choices]

    def best(self) -> tuple[int, ...]:
        """By the rule for ties; the parts do not share indices, so each may choose for itself."""
        return self._assemble(
            tuple(
                min(rows, key=lambda n: (sum(map(abs, n)), tuple(-k for k in n)))
                for rows in self.candidates
            )
        )


def _conjugation(found: Spectrum) -> Callable[[tuple[int, ...]], tuple[int, ...]]:
    """The integers of the complex conjugate logarithm of a real K."""
    boxes = [e.enclosure for e in found.eigenvalues]
    partner = [next(i for i, b in enumerate(boxes) if b.overlaps(a.mirror())) for a in boxes]
    on_axis = [e.on_negative_axis for e in found.eigenvalues]

    def conjugate(n: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(-n[i] - (1 if on else 0) for i, on in zip(partner, on_axis, strict=True))

    return conjugate


def _search(K: Quotient, found: Spectrum, bits: int) -> _Parts | None:
    """The candidates at one precision, or None if it is too low."""
    parts = _projectors(K, found, bits)
    if parts is None:
        return None
    gram, linear, norm = _quadratic_form(*parts)
    if not all(x.is_finite() for x in [*gram.entries(), *linear, norm]):
        return None
    indices = _components(gram)
    reach = (norm + 2) ** 2
    neglected = arb(0)
    for one, other in itertools.combinations(indices, 2):
        neglected += sum((2 * abs(gram[j, k]) * reach for j in one for k in other), arb(0))
    if not neglected < 1:
        return None
    candidates = []
    for block in indices:
        form = arb_mat([[gram[j, k] for k in block] for j in block])
        rows = _enumerate(form, arb_mat([[linear[j]] for j in block]), 2 * neglected.upper())
        if rows is None:
            return None
        candidates.append(rows)
    return _Parts(indices, candidates)


def _components(gram: Any) -> list[list[int]]:
    """Index sets between which every entry's ball contains zero."""
    left, out = set(range(gram.nrows())), []
    while left:
        block, fresh = set(), {min(left)}
        while fresh:
            block |= fresh
            left -= fresh
            fresh = {k for k in left if any(not gram[j, k].contains(0) for j in fresh)}
        out.append(sorted(block))
    return out


def _projectors(K: Quotient, found: Spectrum, bits: int) -> tuple[list[Any], Any] | None:
    """Enclosures of the P_j and of M = L0/(2πi); None if this precision is too low."""
    try:
        matrix = ball_matrix(K.left).solve(ball_matrix(K.right), algorithm="precond")
        if found.is_simple and found.separation() < _LARGE:
            values, R = matrix.eig(right=True, algorithm="rump")
            S = R.inv()
        else:
            values, R, S = [eigenvalue_ball(e, K, bits) for e in found.eigenvalues], None, None
    except (ValueError, ZeroDivisionError):
        return None
    lambdas = _in_order(values, found)
    if lambdas is None:
        return None
    d, total = K.d, acb_mat(K.d, K.d)
    projectors = []
    if R is not None:
        for j, (position, z) in enumerate(lambdas):
            column = acb_mat(d, 1, [R[r, position] for r in range(d)])
            row = acb_mat(1, d, [S[position, c] for c in range(d)])
            projectors.append(column * row)
            total += projectors[-1] * _log(z, found.eigenvalues[j])
    else:
        projectors, total = _interpolated(matrix, [z for _, z in lambdas], found)
    return projectors, total * (1 / (acb(0, 2) * acb.pi()))


def _in_order(values: list[Any], found: Spectrum) -> list[tuple[int, Any]] | None:
    """(position, ball) of each eigenvalue in the order of the record; None if not certain."""
    out = []
    for e in found.eigenvalues:
        box = acb(
            arb(e.box.re_lo).union(arb(e.box.re_hi)), arb(e.box.im_lo).union(arb(e.box.im_hi))
        )
        hits = [(p, z) for p, z in enumerate(values) if box.overlaps(z)]
        if len(hits) != 1:
            return None
        out.append(hits[0])
    return out


def _log(z: Any, e: Eigenvalue) -> Any:
    """Log of an eigenvalue, its side of the cut taken from the exact structure."""
    if e.on_negative_axis:
        return (-z).real.log() + acb(0, 1) * acb.pi()
    return z.log()


def _interpolated(K: Any, values: list[Any], found: Spectrum) -> tuple[list[Any], Any]:
    """P_j = I − (I − q_j(K))^ν_j with q_j = Π_{i≠j} ((x − λ_i)/(λ_j − λ_i))^ν_i, and L0.

    q_j(K) vanishes on the other generalised eigenspaces and is I + nilpotent on the j-th."""
    d = K.nrows()
    one = acb_mat([[int(r == c) for c in range(d)] for r in range(d)])
    powers = [_power(K - one * z, e.index) for z, e in zip(values, found.eigenvalues, strict=True)]
    projectors, total = [], acb_mat(d, d)
    for j, (z, e) in enumerate(zip(values, found.eigenvalues, strict=True)):
        q = one
        for i, (other, f) in enumerate(zip(values, found.eigenvalues, strict=True)):
            if i != j:
                q = q * powers[i] * (1 / (z - other) ** f.index)
        P = one - _power(one - q, e.index)
        N, term = (K - one * z) * (1 / z), P
        part = P * _log(z, e)
        for s in range(1, e.index):
            term = term * N
            part += term * (acb((-1) ** (s + 1)) / s)
        projectors.append(P)
        total += part
    return projectors, total


def _power(matrix: Any, exponent: int) -> Any:
    out = matrix
    for _ in range(exponent - 1):
        out = out * matrix
    return out


def _quadratic_form(P: list[Any], M: Any) -> tuple[Any, list[Any], Any]:
    """Gram matrix and linear term of ‖M + Σ n_j P_j‖² − ‖M‖², and ‖M‖."""
    rows = acb_mat([part.entries() for part in P])
    columns = acb_mat([[z.conjugate() for z in part.entries()] for part in [*P, M]]).transpose()
    products = rows * columns
    m = len(P)
    gram = arb_mat([[products[j, k].real for k in range(m)] for j in range(m)])
    square = sum((z.real * z.real + z.imag * z.imag for z in M.entries()), arb(0))
    return gram, [products[j, m].real for j in range(m)], square.upper().sqrt()


def _enumerate(gram: Any, linear: Any, slack: Any) -> list[tuple[int, ...]] | None:
    """All n whose value may be within ``slack`` of the least one (Schnorr & Euchner 1994), or
    None if the balls are too wide.

    With t = −G⁻¹b and G = UᵀDU, U unit upper triangular, the form is
    Σ_l D_l·(n_l − t_l + Σ_{j>l} U_lj·(n_j − t_j))² + const; coordinates are fixed from the last
    to the first, nearest integer first."""
    m = gram.nrows()
    basis = _reduced_basis(gram)
    if basis is None:
        return None
    gram = arb_mat(basis) * gram * arb_mat(basis.transpose())
    factors = _square_root_free(gram)
    try:
        target = [-x for x in gram.solve(arb_mat(basis) * linear).entries()]
    except (ValueError, ZeroDivisionError):
        return None
    if factors is None or not all(t.rad() < 1e-6 for t in target):
        return None
    diagonal, upper = factors
    n = [0] * m
    found: list[tuple[Any, tuple[int, ...]]] = []
    bound: Any = None
    nodes = 0

    def descend(level: int, partial: Any) -> None:
        nonlocal bound, nodes
        nodes += 1
        if nodes > MAX_NODES:
            raise PrecisionCeilingError(
                f"the search for the smallest norm passed {MAX_NODES} nodes",
                "use the principal branch or give the integers",
            )
        if level < 0:
            found.append((partial, tuple(n)))
            total = partial.upper() + slack
            bound = total if bound is None or total < bound else bound
            return
        above = (upper[level][j] * (n[j] - target[j]) for j in range(level + 1, m))
        centre = target[level] - sum(above, arb(0))
        misses = 0
        for value in _nearest_first(centre):
            away = value - centre
            cost = partial + diagonal[level] * (away * away)
            misses = misses + 1 if bound is not None and cost > bound else 0
            if misses == 2:  # one on either side: farther ones cost more
                break
            if misses == 0:
                n[level] = value
                descend(level - 1, cost)

    descend(m - 1, arb(0))
    rows = [fmpz_mat([k]) * basis for cost, k in found if not cost > bound]
    return [tuple(int(x) for x in row.entries()) for row in rows]


def _reduced_basis(gram: Any) -> Any:
    """A unimodular matrix whose rows are a reduced basis for this Gram matrix (Lenstra, Lenstra &
    Lovász 1982), so that nearly parallel projectors do not widen the search; None if the balls
    are too wide.  Any unimodular matrix gives the same candidates.

    Pivots of the Gram matrix of projectors are at least 1, since Σ x_j·P_j has the eigenvalues
    x_j; so 40 bits after the point describe the lattice well enough."""
    factors = _square_root_free(gram)
    if factors is None:
        return None
    diagonal, upper = factors
    scaled = [
        [(upper[j][i] * diagonal[j].sqrt() * 2**40).mid().floor().fmpz() for j in range(len(upper))]
        for i in range(len(upper))
    ]
    return fmpz_mat(scaled).lll(True)[1]


def _nearest_first(centre: Any) -> Iterator[int]:
    """Integers on alternating sides of the centre of a ball, the nearest first."""
    start = int((centre.mid() + arb(0.5)).mid().floor().mid().fmpz())
    side = 1 if centre.mid() >= start else -1
    yield start
    for step in itertools.count(1):
        yield start + side * step
        yield start - side * step


def _square_root_free(gram: Any) -> tuple[list[Any], list[list[Any]]] | None:
    """D and U of G = UᵀDU; None unless every pivot is certainly positive and well known."""
    m = gram.nrows()
    diagonal: list[Any] = []
    upper: list[list[Any]] = []
    for i in range(m):
        row = [
            gram[i, j] - sum((diagonal[k] * upper[k][i] * upper[k][j] for k in range(i)), arb(0))
            for j in range(m)
        ]
        pivot = row[i]
        if not pivot > 0 or pivot.rel_accuracy_bits() < 20:
            return None
        diagonal.append(pivot)
        upper.append([x / pivot for x in row])
    return diagonal, upper
