"""Functions of one matrix in plain mpmath: inverse, exp with its check, log from a branch record.

``mpmath.expm`` knows nothing of its error, so each exponential is computed with its inverse and
held against it; ``mpmath.logm`` may leave the branch asked for without a word, so L is built from
the record instead.  Whatever the working precision does not decide raises
:class:`MorePrecisionNeeded`; that two precisions agree is the caller's check.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mpmath import MPContext

from ...branches import BranchEntry, BranchRecord
from ...branches.logarithm import REAL
from ...exact import gaussian
from .numbers import MorePrecisionNeeded, context, matrix, norm, number

#: Sweeps of the simultaneous iteration; from isolating boxes it converges in a few.
SWEEPS = 60


def inverse(mp: MPContext, M: Any) -> Any:
    """M⁻¹ by LU factorization, held against M·M⁻¹ = I."""
    one = mp.eye(M.rows)
    try:
        found = mp.inverse(M)
    except (ZeroDivisionError, TypeError):  # a pivot below eps; a column without any pivot
        raise MorePrecisionNeeded("numerically singular") from None
    if not norm(mp, M * found - one) < 0.5:
        raise MorePrecisionNeeded("an inverse without a correct digit")
    return found


def exponential(mp: MPContext, M: Any) -> tuple[Any, Any]:
    """exp(M) and exp(−M), each by ``mp.expm``, held against exp(M)·exp(−M) = I.

    expm is scaling and squaring of a Taylor sum, with degree and scaling chosen from ‖M‖ and the
    precision and no look at cancellation (Moler & Van Loan 2003, method 3).  The product shows lost
    digits, except an error that is odd in M; the second precision, with its own degree and
    scaling, shows that."""
    E, F = mp.expm(M), mp.expm(-M)
    if not norm(mp, E * F - mp.eye(M.rows)) < 0.5:
        raise MorePrecisionNeeded("exp(M)·exp(−M) is not the identity")
    return E, F


# ----------------------------------------------------------------------------------- logarithm


def logarithm(
    mp: MPContext, quotient: Callable[[MPContext], Any], record: BranchRecord
) -> tuple[Any, Any]:
    """K and L = p(K), p the Hermite interpolant of the recorded branches of log.

    ``quotient(mp)`` is K at the precision of ``mp``.  At the eigenvalue λ of index n (size of its
    largest Jordan block) p has the value ℓ = Log λ + 2πi·k and the first n − 1 derivatives of log:
    L is the primary logarithm with the eigenvalues of the record (Higham, *Functions of Matrices*,
    definition 1.4 and theorem 1.17)."""
    values = eigenvalues(mp, quotient, record)
    logs = [branch(mp, x, e) for x, e in zip(values, record.entries, strict=True)]
    K, J = quotient(mp), record.logarithm.J
    L = _interpolated(mp, K, values, logs, record)
    if J is not None:
        # with k = −1 at the negative eigenvalues, L − 2πi·Π; L + (π·J − πi·I)·Π is real (Culver)
        turn = mp.mpc(0, 2 * mp.pi)
        below = [
            ell - turn if e.integers else ell for ell, e in zip(logs, record.entries, strict=True)
        ]
        other = _interpolated(mp, K, values, below, record)
        projector = (L - other) / turn
        L = (L + other) / 2 + mp.pi * matrix(mp, J) * projector
    return K, L.apply(mp.re) if record.rule == REAL else L


def _interpolated(
    mp: MPContext, K: Any, values: list[Any], logs: list[Any], record: BranchRecord
) -> Any:
    """p(K), p Hermite's interpolant with the values ``logs`` and the derivatives of log."""
    nodes = [j for j, entry in enumerate(record.entries) for _ in range(entry.blocks[0])]
    coefficients = divided_differences(mp, nodes, values, logs)
    one = mp.eye(K.rows)
    L = coefficients[-1] * one
    for node, coefficient in zip(nodes[-2::-1], coefficients[-2::-1], strict=True):
        L = (K - values[node] * one) * L + coefficient * one
    return L


def branch(mp: MPContext, x: Any, entry: BranchEntry) -> Any:
    """ℓ = Log λ + 2πi·k for the refined eigenvalue; the record decides the side of the cut.

    λ is real where the record says so, and mpmath's log is +iπ there; elsewhere the box is clear
    of the cut, and the sign of Im λ is that of the box."""
    if entry.on_negative_axis:
        return mp.log(-mp.re(x)) + mp.mpc(0, (2 * entry.k + 1) * mp.pi)
    if mp.re(x) < 0 and not (entry.box.im_lo > 0 if mp.im(x) > 0 else entry.box.im_hi < 0):
        raise MorePrecisionNeeded("an eigenvalue on the wrong side of the cut")
    principal = mp.log(x)
    return principal + mp.mpc(0, 2 * entry.k * mp.pi) if entry.k else principal


def divided_differences(
    mp: MPContext, nodes: Sequence[int], values: Sequence[Any], logs: Sequence[Any]
) -> list[Any]:
    """Newton's coefficients of the Hermite interpolant; ``nodes`` are indices, equal ones together.

    log^(r)(λ)/r! = (−1)^(r−1)/(r·λ^r) where all nodes of a difference are equal.  Nearly equal
    eigenvalues lose digits here, which a higher precision restores."""
    column, out = [logs[j] for j in nodes], [logs[nodes[0]]]
    for r in range(1, len(nodes)):
        following = []
        for i in range(len(nodes) - r):
            low, high = nodes[i], nodes[i + r]
            if low == high:
                following.append(-((-1) ** r) / (r * values[low] ** r))
            elif values[low] == values[high]:
                raise MorePrecisionNeeded("two eigenvalues round to one number")
            else:
                step = column[i + 1] - column[i]
                following.append(step / (values[high] - values[low]))
        column = following
        out.append(column[0])
    return out


# --------------------------------------------------------------------------------- eigenvalues


def eigenvalues(
    mp: MPContext, quotient: Callable[[MPContext], Any], record: BranchRecord
) -> list[Any]:
    """The eigenvalue in each box of the record, to the precision of ``mp``.

    Roots of the characteristic polynomial by the iteration of Ehrlich (1967) and Aberth (1973) from
    the centres of the boxes, with the multiplicities of the record: each root is the only one left
    after division by the others.  A root of multiplicity m is seen to a digit in m, hence the wider
    context.  Accepted when every root is as near as the precision tells and lies in its own box and
    in no other."""
    entries, d = record.entries, record.d
    if len(entries) == 1:
        K = quotient(mp)
        return [mp.fsum(K[r, r] for r in range(d)) / d]
    wide = context((max(e.multiplicity for e in entries) + 1) * mp.dps + 20)
    chi = characteristic_polynomial(wide, quotient(wide))
    roots = [number(wide, entry.box.center) for entry in entries]
    tolerance = wide.mpf(10) ** -(mp.dps + 5)
    try:
        for _ in range(SWEEPS):
            if _sweep(wide, chi, roots, entries, tolerance) < tolerance:
                break
        else:
            raise MorePrecisionNeeded("the eigenvalues do not settle")
    except ZeroDivisionError:
        raise MorePrecisionNeeded("two eigenvalues fall together") from None
    for j, root in enumerate(roots):
        if [_in_box(wide, root, e, tolerance) for e in entries] != [
            i == j for i in range(len(roots))
        ]:
            raise MorePrecisionNeeded("an eigenvalue is not seen in its box alone")
    return [+mp.mpmathify(root) for root in roots]


def characteristic_polynomial(mp: MPContext, K: Any) -> list[Any]:
    """Coefficients of det(x·I − K), highest first (Faddeev & LeVerrier; unstable, hence only at
    raised precision)."""
    one = mp.eye(K.rows)
    out, M = [mp.mpf(1)], one
    for k in range(1, K.rows + 1):
        N = K * M
        out.append(-mp.fsum(N[r, r] for r in range(K.rows)) / k)
        M = N + out[-1] * one
    return out


def _sweep(
    mp: MPContext, chi: list[Any], roots: list[Any], entries: Sequence[BranchEntry], enough: Any
) -> Any:
    """Correct, in place, every root that is farther than ``enough`` from its eigenvalue; the
    largest distance found, relative.

    χ(x)/Π(x − x_i)^(m_i) over the other roots is (x − λ)^m, about, so its m-th root is the distance
    (Weierstrass's correction), and m over its logarithmic derivative the correction."""
    worst = mp.mpf(0)
    for j, (x, entry) in enumerate(zip(roots, entries, strict=True)):
        m = entry.multiplicity
        gaps = [(e.multiplicity, x - roots[i]) for i, e in enumerate(entries) if i != j]
        value = slope = mp.zero
        for a in chi:  # Horner's rule: mpmath is about to turn round the order polyval expects
            value, slope = value * x + a, slope * x + value
        left = value / mp.fprod(gap**n for n, gap in gaps)
        distance = mp.root(abs(left), m) / abs(x)
        worst = max(worst, distance)
        if distance >= enough:
            roots[j] = x - m / (slope / value - mp.fsum(n / gap for n, gap in gaps))
    return worst


def _in_box(mp: MPContext, x: Any, entry: BranchEntry, tolerance: Any) -> bool:
    """Whether x is in the box, or nearer to it than the precision tells."""
    box, slack = entry.box, tolerance * abs(x)
    sides = (
        (mp.re(x), box.re_lo, box.re_hi),
        (mp.im(x), box.im_lo, box.im_hi),
    )
    return all(
        number(mp, gaussian(low)) - slack <= part <= number(mp, gaussian(high)) + slack
        for part, low, high in sides
    )
