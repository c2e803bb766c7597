"""Float64 starts for spectra with repeated eigenvalues and clusters: which belong together.

Eigenvalues closer than float64's error in them are kept in one block, whose invariant subspace
comes from the reordered Schur form (Bai & Demmel, "On swapping diagonal blocks in real Schur form",
1993; LAPACK's ``trexc``); the others keep their eigenvectors (Bavely & Stewart 1979).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from ...kernel import Stack
from .blockdiagonal import NotSimple, same_block
from .refine import Start, checked
from .scaled import Basis, ComplexArray

Reals = npt.NDArray[np.float64]
#: Factors by which float64's error of an eigenvalue is multiplied, one after the other, to say
#: which eigenvalues it cannot tell apart, and distances (relative to ‖A‖) beyond which it can.
WIDTHS = ((2.0**6, 1e-9), (2.0**6, 1e-5), (2.0**10, 1e-3), (2.0**14, 2e-2), (2.0**22, 0.2))
#: Relative perturbation that gives a block eigenvectors, for estimates only.
PERTURBATION = 1e-5


@dataclass(frozen=True)
class Known:
    """A distinct eigenvalue of which the multiplicity is known."""

    value: complex
    multiplicity: int


def block_starts(matrix: Stack, known: Sequence[Known] | None) -> list[Start]:
    """Block-diagonal float64 starts of a matrix within float64's range, the finest first.

    ``known``: its distinct eigenvalues with multiplicities, where a branch record tells them.
    Raises :class:`NotSimple` if there is no usable start."""
    from scipy.linalg import schur

    A = matrix.to_complex()
    T, Q = schur(A, output="complex")
    values = np.diagonal(T).copy()
    _, V = np.linalg.eig(T)
    errors, centres = _errors(values, V, known, float(np.linalg.norm(A)))
    out: list[Start] = []
    seen: set[tuple[tuple[int, ...], ...]] = set()
    size = float(np.linalg.norm(A))
    for (width, most), reach in product(WIDTHS, (np.minimum, np.maximum)):
        radii = np.minimum(errors * width, most * size)
        groups = _groups(values, centres, radii, reach.outer(radii, radii))
        wide = tuple(g for g in groups if len(g) > 1)
        if not wide or wide in seen:
            continue
        seen.add(wide)
        single = [g[0] for g in groups if len(g) == 1]
        try:
            out.append(_start(A, T, Q, Q @ V, wide, single))
        except (NotSimple, np.linalg.LinAlgError):
            continue
    if not out:
        raise NotSimple("no block-diagonal start in float64")
    return out


def _errors(
    values: ComplexArray, V: ComplexArray, known: Sequence[Known] | None, size: float
) -> tuple[Reals, ComplexArray | None]:
    """Float64's error in each eigenvalue, and the known eigenvalue that it stands for."""
    floor = np.full(len(values), 2.0**-52 * size)
    try:
        S = np.linalg.inv(V)
        conditions = np.linalg.norm(S, axis=1) * np.linalg.norm(V, axis=0)
        estimate = np.maximum(floor, np.minimum(floor * conditions, 0.01 * size))
    except np.linalg.LinAlgError:
        estimate = floor
    if known is None:
        return estimate, None
    exact = np.array([k.value for k in known])
    distance = np.abs(values[:, None] - exact[None, :])
    room = [k.multiplicity for k in known]
    entry = [-1] * len(values)
    for flat in np.argsort(distance, axis=None, kind="stable"):
        i, e = divmod(int(flat), len(known))
        if entry[i] < 0 and room[e]:
            entry[i] = e
            room[e] -= 1
    actual = np.array([distance[i, e] for i, e in enumerate(entry)])
    # Of a repeated eigenvalue the true error is known, of a simple one the condition number too.
    multiple = np.array([known[e].multiplicity > 1 for e in entry])
    errors = np.where(multiple, actual / 8.0, np.maximum(actual, estimate))
    return np.maximum(floor, errors), exact[entry]


def _groups(
    values: ComplexArray, centres: ComplexArray | None, radii: Reals, reach: Reals
) -> list[tuple[int, ...]]:
    """Connected components: values within ``reach`` of each other or, where it is known what they
    stand for, known eigenvalues of which one is in the other's disc."""
    near = np.abs(values[:, None] - values[None, :]) <= reach
    if centres is not None:
        near |= np.abs(centres[:, None] - centres[None, :]) <= np.maximum.outer(radii, radii)
    n = len(values)
    label = list(range(n))
    for i in range(n):
        for j in range(i):
            if near[i, j] and label[i] != label[j]:
                old, new = label[i], label[j]
                label = [new if x == old else x for x in label]
    found: dict[int, list[int]] = {}
    for i, x in enumerate(label):
        found.setdefault(x, []).append(i)
    return [tuple(g) for g in found.values()]


def _start(
    A: ComplexArray,
    T: ComplexArray,
    Q: ComplexArray,
    vectors: ComplexArray,
    wide: Sequence[tuple[int, ...]],
    single: Sequence[int],
) -> Start:
    columns, blocks, at = [], [], 0
    for group in wide:
        columns.append(_subspace(T, Q, group))
        blocks.append(slice(at, at + len(group)))
        at += len(group)
    columns.append(vectors[:, single] / np.linalg.norm(vectors[:, single], axis=0))
    R = np.concatenate(columns, axis=1)
    S: ComplexArray = np.linalg.inv(R).astype(np.complex128)
    B = S @ A @ R
    centres = np.diagonal(B).copy()
    rest = np.where(same_block(len(A), blocks), B, 0.0)[:at, :at]
    for block in blocks:
        centres[block] = np.mean(centres[block])
    np.fill_diagonal(rest, np.diagonal(rest) - centres[:at])
    return checked(Start(R, S, centres, rest, tuple(blocks)))


def _subspace(T: ComplexArray, Q: ComplexArray, group: Sequence[int]) -> ComplexArray:
    """An orthonormal basis of the invariant subspace of some eigenvalues of Q·T·Q*."""
    from scipy.linalg.lapack import ztrexc

    for place, index in enumerate(group):
        if index != place:
            T, Q, failed = ztrexc(T, Q, index + 1, place + 1)
            if failed:
                raise NotSimple("the Schur form cannot be reordered")
    out: ComplexArray = np.ascontiguousarray(Q[:, : len(group)])
    return out


def estimating_basis(start: Start) -> tuple[Basis, ComplexArray, ComplexArray]:
    """Eigenvectors of a start whose blocks are perturbed a little: (basis, V, offsets).

    Estimates only need the Fréchet derivative to a digit or two, and it depends smoothly on the
    matrix; with all eigenvalues apart it is an entrywise product (E. B. Davies, "Approximate
    diagonalization", SIAM J. Matrix Anal. Appl. 29, 2007).  V (d×d, block diagonal) takes the
    start's basis to that one: R·V; offsets are the distances of its eigenvalues to the centres."""
    d = len(start.values)
    V = np.eye(d, dtype=np.complex128)
    offsets = np.zeros(d, dtype=np.complex128)
    draw = np.random.default_rng(d)
    if start.rest is None:
        return Basis(start.R, start.S), V, offsets
    for block in start.blocks:
        N = start.rest[block, block]
        m = len(N)
        size = max(abs(start.values[block][0]), 2.0**-30 * float(np.linalg.norm(N)), 2.0**-900)
        noise = draw.standard_normal((m, m)) + 1j * draw.standard_normal((m, m))
        offsets[block], V[block, block] = np.linalg.eig(N + PERTURBATION * size * noise)
    inverse = np.linalg.inv(V)
    return Basis(start.R @ V, inverse @ start.S), V, offsets
