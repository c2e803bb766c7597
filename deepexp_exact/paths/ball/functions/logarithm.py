"""The recorded logarithm L of K in enclosures, and how far a matrix near L can move eigenvalues.

Simple eigenvalues: K = R·diag(λ)·R⁻¹ from a proved eigendecomposition.  Otherwise L = p(K)
with p the Hermite interpolant of the recorded branches of log at the exactly known eigenvalues,
each to its index in K (Higham, *Functions of Matrices*, definition 1.4).  The side of the branch
cut is never read off a ball: the record says which eigenvalues lie on the negative axis, and there
log λ = log(−λ) + iπ.  Where the record has a J, (π·J − πi·I)·Π is added, Π the spectral projector
of the negative eigenvalues (Culver 1966): the real logarithm.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from flint import acb, acb_mat, arb, ctx

from ....branches import BranchEntry, LogarithmRecord
from ....exact import Quotient
from ....precision import MoreBits
from ....spectrum import Box, spectrum
from ....spectrum.isolation import eigenvalue_ball, refined_cheaply
from . import enclosures as en
from .eigen import Eigenvectors, EnclosedEigenvectors, decompose
from .known import decompose_known

#: log2 of a relative gap of eigenvalues below which interpolation takes the eigensolver's place.
_CLOSE = 40


@dataclass(frozen=True)
class Logarithm:
    """L = log K on the recorded branch, with the terms that bound its resolvent.

    ``values`` are enclosures of ℓ_j, one for each entry of the record, and two, log|λ| ± πi, where
    it is paired by J; ``owners`` are the places of their entries and ``sizes`` their
    multiplicities.  ``terms`` lists pairs (c, i) with ‖(z − L)⁻¹‖ ≤ Σ c/ρ^i whenever |z − ℓ_j| ≥ ρ
    for every j.  ``decomposition`` is that of K, in the order of ``values``, where K was
    diagonalised."""

    L: Any
    values: tuple[Any, ...]
    terms: tuple[tuple[Any, int], ...]
    owners: tuple[int, ...]
    sizes: tuple[int, ...]
    decomposition: EnclosedEigenvectors | None = None
    interpolation: Interpolation | None = None

    def exponential(self, factor: Any) -> Any:
        """exp(factor·L)."""
        if self.decomposition is not None:
            return self.decomposition.function([(factor * value).exp() for value in self.values])
        if self.interpolation is not None:
            return self.interpolation.power(self.values, factor)
        return en.exp(self.L * factor)


def logarithm(
    quotient: Quotient, record: LogarithmRecord, K: Any, start: Eigenvectors | None = None
) -> Logarithm:
    """L for the recorded branch from an exact K and its enclosure, at the current precision.

    Raises :class:`MoreBits` if the precision does not separate the eigenvalues."""
    d = quotient.d
    if len(record.entries) == 1 and quotient.left == quotient.right:
        # K = I and L = 2πi·k·I; the zero matrix is returned as exactly zero.
        value = acb(0, 2 * record.entries[0].k * arb.pi())
        return Logarithm(en.scalar(d, value), (value,), ((_sqrt(d), 1),), (0,), (d,))
    if all(entry.multiplicity == 1 for entry in record.entries):
        found = decompose(K, start)
        if found is None and not _close(record):
            cheap = refined_cheaply(spectrum(quotient).eigenvalues, quotient)
            found = decompose_known(K, eigenvalue_balls(quotient)) if cheap else _isolated(K)
        if found is not None:
            return _diagonalised(record, found)
    return _interpolated(quotient, record, K)


def eigenvalue_balls(quotient: Quotient) -> list[Any]:
    """The distinct eigenvalues of K to the current precision, in the order of the record."""
    try:
        return [eigenvalue_ball(e, quotient, ctx.prec) for e in spectrum(quotient).eigenvalues]
    except ValueError as error:
        raise MoreBits(str(error)) from None


def _sqrt(d: int) -> Any:
    return arb(d).sqrt().upper()


def log_value(eigenvalue: Any, entry: BranchEntry) -> Any:
    """Log λ + 2πi·k from a ball that holds λ; :class:`MoreBits` if the ball reaches the cut."""
    turns = acb(0, 2 * entry.k * arb.pi())
    if entry.on_negative_axis:
        size = -eigenvalue.real
        if not size > 0:
            raise MoreBits("an eigenvalue of K is not separated from zero")
        return acb(size.log(), arb.pi()) + turns
    if not (eigenvalue.real > 0 or eigenvalue.imag > 0 or eigenvalue.imag < 0):
        raise MoreBits("an eigenvalue of K is not separated from the branch cut")
    return eigenvalue.log() + turns


# ------------------------------------------------------------------------- simple eigenvalues


def box_ball(box: Box) -> Any:
    """A ball that contains the box, at the current precision."""
    sides = []
    for low, high in ((box.re_lo, box.re_hi), (box.im_lo, box.im_hi)):
        sides.append(arb(low).union(arb(high)))
    return acb(*sides)


def match(values: list[Any], record: LogarithmRecord) -> list[int]:
    """For each ball, which holds an eigenvalue, the index of the one box it meets.

    The boxes together hold all eigenvalues, so a ball that meets one box only holds the
    eigenvalue of that box.  :class:`MoreBits` if a ball meets several boxes."""
    boxes = [box_ball(entry.box) for entry in record.entries]
    order = []
    for value in values:
        hits = [j for j, box in enumerate(boxes) if box.overlaps(value)]
        if len(hits) != 1:
            raise MoreBits(f"an eigenvalue of K is not separated: it meets {len(hits)} boxes")
        order.append(hits[0])
    if sorted(order) != list(range(len(boxes))):
        raise MoreBits("the eigenvalues found do not match the boxes one to one")
    return order


def _close(record: LogarithmRecord) -> bool:
    """Whether two eigenvalues are so close that eigenvectors lose more than interpolation does."""
    with ctx.workprec(64):
        centers = [en.from_rational(entry.box.center) for entry in record.entries]
        pairs = itertools.combinations(centers, 2)
        return any(abs(a - b) < abs(a) * arb(2) ** -_CLOSE for a, b in pairs)


def _diagonalised(record: LogarithmRecord, found: EnclosedEigenvectors) -> Logarithm:
    order = match(list(found.values), record)
    places = sorted(range(len(order)), key=order.__getitem__)
    found = found.permuted(places)
    logs = [log_value(v, e) for v, e in zip(found.values, record.entries, strict=True)]
    # Bauer–Fike: ‖(z − L)⁻¹‖ ≤ ‖R‖·‖R⁻¹‖/min |z − ℓ_j|
    condition = (en.norm_upper(found.R) * en.norm_upper(found.S)).upper()
    d = len(logs)
    owners, sizes = tuple(range(d)), (1,) * d
    return Logarithm(found.function(logs), tuple(logs), ((condition, 1),), owners, sizes, found)


def _isolated(K: Any) -> EnclosedEigenvectors:
    """The decomposition by FLINT's eigensolver, where eigenvalues are not known exactly."""
    d = K.nrows()
    try:
        values, R = K.eig(right=True, algorithm="rump") if d > 1 else ([K[0, 0]], en.identity(1))
    except (ValueError, ZeroDivisionError):
        raise MoreBits("the eigenvalues of K were not isolated") from None
    if not all(value.is_finite() for value in values):
        raise MoreBits("the eigenvalues of K were not isolated")
    en.require_finite(R, "the eigenvectors of K")
    S = en.solve(R, en.identity(d), "the inverse of the eigenvectors of K")
    return EnclosedEigenvectors(tuple(values), R, S)


# ------------------------------------------------------------------------- Hermite interpolation


def _derivatives(x: Any, value: Any, count: int) -> list[Any]:
    """Taylor coefficients of log at x: log x, then (−1)^(i−1)/(i·x^i)."""
    out, power = [value], acb(1)
    for i in range(1, count):
        power = power / x
        out.append(power / i if i % 2 else -power / i)
    return out


def divided_differences(nodes: list[Any], groups: list[int], taylor: list[list[Any]]) -> list[Any]:
    """Newton coefficients f[x_0], f[x_0, x_1], ... for nodes that come in groups of equal ones.

    ``groups[k]`` is the group of node k, ``taylor[g][i]`` = f^(i)(x_g)/i!."""
    n = len(nodes)
    column = [taylor[g][0] for g in groups]
    out = [column[0]]
    for order in range(1, n):
        column = [
            taylor[groups[k]][order]
            if groups[k] == groups[k + order]
            else (column[k + 1] - column[k]) / (nodes[k + order] - nodes[k])
            for k in range(n - order)
        ]
        out.append(column[0])
    return out


def combine(basis: list[Any], coefficients: list[Any]) -> Any:
    """Σ coefficients[k]·basis[k]."""
    total = basis[0] * coefficients[0]
    for matrix, coefficient in zip(basis[1:], coefficients[1:], strict=True):
        total = total + matrix * coefficient
    return total


@dataclass(frozen=True)
class Interpolation:
    """Newton's form of functions of K: nodes in groups of equal ones, and Π (K − x_i)."""

    points: list[Any]
    indices: list[int]
    basis: list[Any]

    @classmethod
    def of(cls, K: Any, points: list[Any], indices: list[int]) -> Interpolation:
        d = K.nrows()
        nodes = [x for x, count in zip(points, indices, strict=True) for _ in range(count)]
        basis = [en.identity(d)]
        for node in nodes[:-1]:
            basis.append(basis[-1] * (K - en.scalar(d, node)))
        return cls(points, indices, basis)

    def function(self, taylor: list[list[Any]]) -> Any:
        """f(K) from the Taylor coefficients of f at each point, as many as its index."""
        groups = [g for g, count in enumerate(self.indices) for _ in range(count)]
        found = divided_differences([self.points[g] for g in groups], groups, taylor)
        if not all(c.is_finite() for c in found):
            raise MoreBits("the eigenvalues of K are not separated for interpolation")
        return combine(self.basis, found)

    def power(self, logs: tuple[Any, ...], t: Any) -> Any:
        """exp(t·log K): at x the coefficients are e^(t·log x)·binomial(t, i)/x^i."""
        taylor = []
        for x, log, count in zip(self.points, logs, self.indices, strict=True):
            row = [(t * log).exp()]
            for i in range(1, count):
                row.append(row[-1] * (t - (i - 1)) / (i * x))
            taylor.append(row)
        return self.function(taylor)


def _interpolated(quotient: Quotient, record: LogarithmRecord, K: Any) -> Logarithm:
    d = quotient.d
    eigenvalues = spectrum(quotient).eigenvalues
    points = eigenvalue_balls(quotient)
    logs = [log_value(x, entry) for x, entry in zip(points, record.entries, strict=True)]
    indices = [e.index for e in eigenvalues]
    newton = Interpolation.of(K, points, indices)
    rows = zip(points, logs, indices, strict=True)
    L = newton.function([_derivatives(x, value, count) for x, value, count in rows])
    L = en.require_finite(L, "the logarithm")
    half = _halves(record, d)
    values: list[Any] = []
    owners: list[int] = []
    sizes: list[int] = []
    terms: list[tuple[Any, int]] = []
    turned = L
    for g, (eigenvalue, entry) in enumerate(zip(eigenvalues, record.entries, strict=True)):
        # (z − L)⁻¹ = Σ_g Σ_i (L − ℓ_g)^i·P_g/(z − ℓ_g)^(i+1), P_g the spectral projector
        unit = [[acb(int(h == g and i == 0)) for i in range(n)] for h, n in enumerate(indices)]
        part = newton.function(unit)
        shares: list[tuple[Any, Any]] = [(logs[g], None)]
        if half is not None and entry.on_negative_axis:
            # J is ±i on the range of (I ∓ i·J)/2: nothing is added to ℓ_g there, or −2πi
            turned = turned + (part * half[1]) * acb(0, -2 * arb.pi())
            shares = [(logs[g], half[0]), (logs[g].conjugate(), half[1])]
        powers = [part]
        while len(powers) < eigenvalue.index:
            powers.append((L - en.scalar(d, logs[g])) * powers[-1])
        for value, share in shares:
            values.append(value)
            owners.append(g)
            sizes.append(entry.multiplicity // len(shares))
            terms += [
                (en.norm_upper(power if share is None else power * share), i)
                for i, power in enumerate(powers, 1)
            ]
    if half is not None:
        turned = acb_mat(d, d, [acb(z.real) for z in turned.entries()])  # known to be real
    primary = newton if half is None else None
    found = tuple(values), tuple(terms), tuple(owners), tuple(sizes)
    return Logarithm(turned, *found, interpolation=primary)


def _halves(record: LogarithmRecord, d: int) -> tuple[Any, Any] | None:
    """(I − i·J)/2 and (I + i·J)/2; None for a primary logarithm."""
    if record.J is None:
        return None
    one, J = en.identity(d), en.from_exact(record.J)
    return (one - J * acb(0, 1)) * acb(0.5), (one + J * acb(0, 1)) * acb(0.5)
