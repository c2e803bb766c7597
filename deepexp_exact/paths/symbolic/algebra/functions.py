"""Functions of one matrix: the exponential used is *the* exponential, similarity, Hermite.

What a proof step may use about exp is proved here for every Jordan type before it is used:

* E(t) := exp(t·M), by the block formula, has E'(t) = M·E(t) and E(0) = I, exactly, as a function of
  a symbolic t.  The power series of exp(t·M) has the same two properties, and a linear
  differential equation has one solution (cited), so the block formula is the power series.
* f(P·J·P⁻¹) = P·f(J)·P⁻¹: f(J) is a polynomial p in J, the Hermite interpolant of f at the
  eigenvalues (checked for each type with indeterminate values of f and its derivatives), and
  p(P·J·P⁻¹) = P·p(J)·P⁻¹ because P⁻¹·P = I (checked for a generic P).
"""

from __future__ import annotations

from .evidence import Identities
from .jordan import (
    TYPE_COUNTS,
    JordanType,
    Toeplitz,
    count_jordan_types,
    exponential,
    inverse_power,
    jordan_types,
    product,
)
from .matrices import Matrix, entry_names
from .rings import Element, Ring
from .series import Series

#: The indeterminate of the differential equation; a ring used with :func:`proved_exponential`
#: has it.
TIME = "t"


def proved_exponential(argument: Toeplitz, evidence: Identities, formulas: Series) -> Toeplitz:
    """exp(M) of a block diagonal M, after proving E' = M·E and E(0) = I for E(t) = exp(t·M)."""
    ring = argument.ring
    flow = exponential(argument.scale(ring.generator(TIME)), formulas)
    velocity = flow.map(lambda a: a.derivative(TIME)).matrix()
    evidence.equal("d/dt exp(t·M) = M·exp(t·M)", velocity, argument.matrix() @ flow.matrix())
    start = flow.map(lambda a: a.substitute(TIME, 0)).matrix()
    evidence.equal("exp(0·M) = I", start, Matrix.identity(ring, start.height))
    return flow.map(lambda a: a.substitute(TIME, 1))


def all_types(d: int, evidence: Identities) -> list[JordanType]:
    """Every Jordan type of size d, their number checked in two ways; similarity is checked too."""
    found = jordan_types(d)
    evidence.true("the Jordan types found are distinct", len(set(found)) == len(found))
    evidence.true(
        "their number is the one of Π (1 − xⁿ)^(−p(n))", len(found) == count_jordan_types(d)
    )
    if d <= len(TYPE_COUNTS):
        evidence.true("their number is the tabulated one", len(found) == TYPE_COUNTS[d - 1])
    evidence.types = len(found)
    for kind in found:
        check_hermite(kind, evidence)
    check_similarity(d, evidence)
    return found


def check_hermite(kind: JordanType, evidence: Identities) -> None:
    """For each eigenvalue λ of the type: a polynomial p_λ with p_λ(J) = f(J) on the blocks of λ
    and 0 on the others, f given by indeterminate values f_0, f_1, ... of f^(m)(λ)/m!.

    The other eigenvalues are λ − t with t ≠ 0; the sum of the p_λ is the Hermite interpolant."""
    for here, blocks in enumerate(kind.partitions):
        others = [j for j in range(len(kind.partitions)) if j != here]
        index = max(blocks)
        gaps, inverses = [f"t{j}" for j in others], [f"v{j}" for j in others]
        ring = Ring(["lam", *gaps, *inverses, *(f"f{m}" for m in range(index))])
        lam = ring.generator("lam")
        values = [lam] * len(kind.partitions)
        for j, gap, inverse in zip(others, gaps, inverses, strict=True):
            ring.add_inverse(inverse, ring.generator(gap))
            values[j] = lam - ring.generator(gap)
        wanted = [ring.generator(f"f{m}") for m in range(index)]
        weight = wanted
        for j, inverse in zip(others, inverses, strict=True):
            largest = max(kind.partitions[j])
            series = inverse_power(ring, ring.generator(inverse), largest, index)
            weight = product(ring, weight, series)
        J = Toeplitz.jordan(ring, kind, values).matrix()
        evidence.equal(
            f"type {kind}: f(J) is a polynomial in J at eigenvalue {here + 1}",
            _interpolant(J, kind, here, values, weight),
            Toeplitz(
                ring,
                [wanted[:size] if j == here else [ring.zero] * size for j, size in kind.blocks],
            ).matrix(),
        )


def _interpolant(
    J: Matrix, kind: JordanType, here: int, values: list[Element], weight: list[Element]
) -> Matrix:
    """Π over the other eigenvalues (J − λ_j)^(n_j) times Σ weight_m·(J − λ)^m."""
    ring, d = J.ring, kind.d
    total = Matrix.zero(ring, d, d)
    power = Matrix.identity(ring, d)
    step = J - Matrix.scalar(ring, d, values[here])
    for coefficient in weight:
        total = total + power.scale(coefficient)
        power = power @ step
    for j, blocks in enumerate(kind.partitions):
        if j != here:
            factor = J - Matrix.scalar(ring, d, values[j])
            for _ in range(max(blocks)):
                total = total @ factor
    return total


def check_similarity(d: int, evidence: Identities) -> None:
    """P⁻¹·P = I = P·P⁻¹ for the generic P; for d ≤ 3 also (P·G·P⁻¹)·(P·H·P⁻¹) = P·G·H·P⁻¹."""
    small = d <= 3
    ring = Ring(entry_names("P", d) + (entry_names("G", d) + entry_names("H", d) if small else []))
    P = Matrix.generic(ring, "P", d)
    inverse, identity = P.inverse(), Matrix.identity(ring, d)
    evidence.equal("P⁻¹·P = I", inverse @ P, identity)
    evidence.equal("P·P⁻¹ = I", P @ inverse, identity)
    if small:
        G, H = Matrix.generic(ring, "G", d), Matrix.generic(ring, "H", d)
        evidence.equal(
            "(P·G·P⁻¹)·(P·H·P⁻¹) = P·(G·H)·P⁻¹",
            (P @ G @ inverse) @ (P @ H @ inverse),
            P @ (G @ H) @ inverse,
        )
