"""Float64: from a random member of the space to one with e^λ_j = f_j and e^μ_j = g_j.

λ, v are the eigenvalues and right eigenvectors of A, μ, u those of B, f_j = q·K⁻¹·v_j/(p·v_j) and
g_j = q·u_j/(p·u_j); the equations say p·exp(A)·K = q = p·exp(B).  The homotopy λ_j = (1 − τ)·λ_j⁰ +
τ·(2πi·a_j + log f_j), the same for μ, runs from the spectra of the start to integers near them; a
predictor-free Newton corrector takes the step of least norm (Allgower & Georg, *Introduction to
Numerical Continuation Methods*, 2003; dλ_j = l_j·dA·v_j as in Stewart & Sun).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .family import Family

Array = Any
#: Steps of one path, evaluations of its equations, smallest and longest step of τ, and the gap of
#: A's and B's eigenvalues.
_STEPS, _MOST, _SMALLEST, _LARGEST, _GAP = 400, 800, 1e-5, 0.2, 1e-3
_CORRECTIONS, _TOLERANCE = 7, 1e-10


class FloatFamily:
    """A space in float64, its basis orthonormal: directions of A and of B for each coordinate."""

    def __init__(self, made: Family) -> None:
        d = made.d
        self.d, self.made = d, made
        self.K, self.p, self.q = made.K.to_numpy(), made.p.to_numpy()[0], made.q.to_numpy()[0]
        self.inverse = np.linalg.inv(self.K)
        basis, _ = np.linalg.qr(made.basis.to_numpy().T)
        self.basis = basis.T
        #: Evaluations of the equations so far.
        self.evaluations = 0
        self.dA = self.basis[:, : d * d].reshape(-1, d, d)
        dw = self.basis[:, d * d : d * d + d] @ self.inverse.T
        self.dB = self.dA + dw[:, :, None] * self.p[None, None, :]

    @property
    def size(self) -> int:
        return len(self.basis)

    def members(self, theta: Array) -> tuple[Array, Array]:
        """A and B of a point."""
        return np.tensordot(theta, self.dA, 1), np.tensordot(theta, self.dB, 1)

    def draw(self, rng: np.random.Generator) -> Array:
        return rng.normal(size=self.size) + 1j * rng.normal(size=self.size)

    def freedom(self, rng: np.random.Generator) -> float:
        """The ratio of the extreme singular values of d(λ, μ) at a random member."""
        rows = []
        for member, directions in zip(
            self.members(self.draw(rng)), (self.dA, self.dB), strict=True
        ):
            values, vectors = np.linalg.eig(member)
            left = np.linalg.inv(vectors)
            slopes = np.einsum("ji,kil,lj->kj", left, directions, vectors)
            rows.append(slopes / np.abs(values).max())
        singular = np.linalg.svd(np.hstack(rows), compute_uv=False)
        return float(singular[-1] / singular[0])


@dataclass(frozen=True)
class State:
    """A point of a path with λ and μ in the order of the start, and log f, log g continued."""

    theta: Array
    values: Array
    logs: Array


def track(
    family: FloatFamily, rng: np.random.Generator, spread: float, apart: bool
) -> Array | None:
    """The point at the end of one path, or None; ``apart``: A and B get different integers."""
    d = family.d
    theta = family.draw(rng)
    values = np.concatenate([np.linalg.eigvals(M) for M in family.members(theta)])
    turn = 1j * np.exp(1j * rng.uniform(-0.5, 0.5))
    theta = theta * (2 * np.pi * spread / max(float(np.abs(values).max()), 1e-12) * turn)
    path = _Path(family, theta)
    now = path.start
    if now is None:
        return None
    path.aim(_integers(now.values, d, apart))
    tau, step, most = 0.0, 0.05, family.evaluations + _MOST
    for _ in range(_STEPS):
        if tau >= 1 or family.evaluations > most:
            break
        goal = min(1.0, tau + step)
        following = path.corrected(now, goal)
        if following is None or not _continuous(now, following, d):
            step /= 2
            if step < _SMALLEST:
                return None
            continue
        tau, now, step = goal, following, min(step * 1.5, _LARGEST)
        if np.abs(now.theta).max() > 1e6:
            return None
    coprime = np.abs(now.values[:d, None] - now.values[None, d:]).min() >= _GAP
    return now.theta if tau >= 1 and coprime else None


class _Path:
    """One homotopy: its start, its target integers and Newton's corrector."""

    def __init__(self, family: FloatFamily, theta: Array) -> None:
        self.family = family
        self.start: State | None = None
        self.aims = np.zeros(2 * family.d)
        found = self._evaluated(theta, None)
        if found is not None:
            self.start = State(theta, found[0], found[1])

    def aim(self, integers: Array) -> None:
        self.aims = integers

    def corrected(self, now: State, tau: float) -> State | None:
        """The point of the path at τ by Newton from one nearby."""
        theta, near = now.theta, now
        for _ in range(_CORRECTIONS):
            found = self._evaluated(theta, near, tau)
            if found is None or self.start is None:
                return None
            values, logs, slopes = found
            target = (1 - tau) * self.start.values + tau * (2j * np.pi * self.aims + logs)
            defect = values - target
            size = float(np.abs(defect).max())
            if not np.isfinite(size) or not np.isfinite(slopes).all():
                return None
            near = State(theta, values, logs)
            if size < _TOLERANCE * max(1.0, float(np.abs(values).max())):
                return near
            change = np.linalg.lstsq(slopes, -defect, rcond=1e-13)[0]
            if np.linalg.norm(change) > 0.5 * np.linalg.norm(theta):
                return None
            theta = theta + change
        return None

    def _evaluated(
        self, theta: Array, near: State | None, tau: float = 0.0
    ) -> tuple[Array, Array, Array] | None:
        """Eigenvalues, logarithms and the Jacobian of λ − τ·log f, μ − τ·log g."""
        family, d = self.family, self.family.d
        family.evaluations += 1
        values, logs, slopes = [], [], []
        A, B = family.members(theta)
        tops = (family.q @ family.inverse, family.q)
        for M, dM, top, first in zip((A, B), (family.dA, family.dB), tops, (0, d), strict=True):
            part = slice(first, first + d)
            try:
                with np.errstate(all="ignore"):
                    own, vectors = np.linalg.eig(M)
                    if near is not None:
                        order = _matched(near.values[part], own)
                        own, vectors = own[order], vectors[:, order]
                    inner = np.matmul(np.linalg.inv(vectors)[None], np.matmul(dM, vectors))
                    gaps = own[None, :] - own[:, None]
                    np.fill_diagonal(gaps, np.inf)
                    over, under = top @ vectors, family.p @ vectors
                    turns = inner / gaps[None]
                    bend = (over @ turns) / over - (under @ turns) / under
                    log = np.log(over / under)
            except np.linalg.LinAlgError:
                return None
            if near is not None:
                wound = (near.logs[part] - log).imag / (2 * np.pi)
                if not np.isfinite(wound).all():
                    return None
                log = log + 2j * np.pi * np.round(wound)
            values.append(own)
            logs.append(log)
            slopes.append((np.einsum("mii->mi", inner) - tau * bend).T)
        return np.concatenate(values), np.concatenate(logs), np.vstack(slopes)


def _matched(old: Array, new: Array) -> list[int]:
    """The place in ``new`` of what was each of ``old``, greedily the nearest."""
    left, out = list(range(len(new))), []
    for z in old:
        place = min(left, key=lambda k: abs(new[k] - z))
        out.append(place)
        left.remove(place)
    return out


def _continuous(now: State, following: State, d: int) -> bool:
    """Whether no eigenvalue moved so far that it could have been taken for another."""
    least = np.inf
    for part in (now.values[:d], now.values[d:]):
        gaps = np.abs(part[:, None] - part[None, :])
        np.fill_diagonal(gaps, np.inf)
        least = min(least, float(gaps.min()))
    moved = float(np.abs(following.values - now.values).max())
    wound = float(np.abs((following.logs - now.logs).imag).max())
    return moved <= 0.7 * min(least, 1e9) + 1e-9 and wound <= 1.5


def _integers(values: Array, d: int, apart: bool) -> Array:
    """The nearest integers to Im λ/2π, distinct in A and in B, or in both together."""
    out = np.round(values.imag / (2 * np.pi)).astype(int)
    taken: set[int] = set()
    for j, n in enumerate(list(out)):
        if j == d and not apart:
            taken = set()
        steps = 0
        while n in taken:
            steps += 1
            n = out[j] + (steps + 1) // 2 * (1 if steps % 2 else -1)
        taken.add(n)
        out[j] = n
    return out
