"""Starting points in float64: k layers of exponentials through k + 1 points, by path tracking.

With E_i⁰ = X_i and E_i^j = exp(W_j·E_i^(j−1)) the unknowns W_1, ..., W_k solve
(E_1^k)⁻¹·E_i^k = K_i, i = 2..k+1: k·d² holomorphic equations in k·d² unknowns.  A seeded instance
that is solved by construction is followed along a complex curve of targets, by Euler's predictor
and Newton's corrector with steps of adapted length (Allgower & Georg 2003); a generic complex curve
meets no singular instance (Sommese & Wampler 2005), but the weights may leave for infinity, and
then the start is given up.  Nothing is claimed here: what arrives is refined and certified
elsewhere.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..problems import Problem

Array = NDArray[np.complex128]

#: Most steps along one curve, and the shortest step.
STEPS, SHORTEST = 400, 1e-5
#: Newton's corrector: most iterations, and the relative residual at which it has arrived.
CORRECTIONS, ARRIVED = 6, 1e-8
#: Largest ‖W·E‖₁ of which exp is taken, and largest relative correction.
_LARGEST, _LEAP = 300.0, 0.3
#: Largest condition of eigenvectors that the derivative of exp is formed with.
_SKEW = 1e6


@dataclass(frozen=True)
class _Point:
    """Weights (k×d×d), the K_i they meet (k×d×d), and the Jacobian of K in W (k·d² square)."""

    weights: Array
    met: Array
    jacobian: Array


class Lost(ArithmeticError):
    """A curve could not be followed to its end."""


def exp_derivative(M: Array) -> Array:
    """The Fréchet derivative of exp at M as a tensor T (d×d×d×d): dexp(M)[H]_rs = Σ T_rsab·H_ab.

    By eigenvectors (Daleckiĭ & Kreĭn; Higham, *Functions of Matrices*, theorem 3.11), or where
    these are ill-conditioned by exp([[M, H], [0, M]]) (Al-Mohy & Higham 2009)."""
    from scipy.linalg import expm

    out: Array
    d = len(M)
    values, V = np.linalg.eig(M)
    if np.linalg.cond(V) < _SKEW:
        half = (values[:, None] - values[None, :]) / 2
        small = np.abs(half) < 1e-4
        ratio = np.where(small, 1 + half**2 / 6, np.sinh(half) / np.where(small, 1, half))
        quotients = np.exp((values[:, None] + values[None, :]) / 2) * ratio
        inverse = np.linalg.inv(V)
        out = np.einsum("rj,jk,ks,ja,bk->rsab", V, quotients, inverse, inverse, V, optimize=True)
        return out
    blocks = np.zeros((d * d, 2 * d, 2 * d), dtype=np.complex128)
    blocks[:, :d, :d] = blocks[:, d:, d:] = M
    blocks[np.arange(d * d), np.repeat(np.arange(d), d), d + np.tile(np.arange(d), d)] = 1
    out = np.moveaxis(expm(blocks)[:, :d, d:], 0, -1).reshape(d, d, d, d)
    return out


def point(weights: Array, inputs: Sequence[Array]) -> _Point:
    """What weights meet, with its Jacobian; :class:`Lost` beyond float64."""
    from scipy.linalg import expm

    k, d = len(weights), len(inputs[0])
    values, changes = [], []
    for X in inputs:
        E, dE = X, np.zeros((k * d * d, d, d), dtype=np.complex128)
        for j, W in enumerate(weights):
            M = W @ E
            if not np.linalg.norm(M, 1) <= _LARGEST:
                raise Lost
            dM = W @ dE
            rows = dM[j * d * d : (j + 1) * d * d].reshape(d, d, d, d)
            for r in range(d):
                rows[r, :, r, :] += E  # the unit matrix e_r·e_cᵀ times E
            dE = np.einsum("rsab,nab->nrs", exp_derivative(M), dM)
            E = expm(M)
        values.append(E)
        changes.append(dE)
    inverse = np.linalg.inv(values[0])
    met: Array = np.stack([inverse @ E for E in values[1:]])
    slopes = [inverse @ (dE - changes[0] @ K) for dE, K in zip(changes[1:], met, strict=True)]
    jacobian: Array = np.stack(slopes, axis=1).reshape(k * d * d, k * d * d).T
    if not (np.isfinite(met).all() and np.isfinite(jacobian).all()):
        raise Lost
    return _Point(weights, met, jacobian)


def _step(at: _Point, change: Array) -> Array:
    """The change of the weights for a change of the K_i, to first order."""
    flat: Any = np.linalg.solve(at.jacobian, change.ravel())
    step: Array = flat.reshape(at.weights.shape)
    return step


def _corrected(weights: Array, inputs: Sequence[Array], target: Array) -> _Point | None:
    """Newton's iteration towards K = target; None if it does not contract."""
    size, last = float(np.linalg.norm(target)), np.inf
    reach = 1 / max(float(np.linalg.norm(X, 2)) for X in inputs)
    for _ in range(CORRECTIONS):
        at = point(weights, inputs)
        rest = target - at.met
        error = float(np.linalg.norm(rest))
        if error <= ARRIVED * size:
            return at
        step = _step(at, rest)
        length = float(np.linalg.norm(step))
        if error > 2 * last or not length <= _LEAP * (float(np.linalg.norm(weights)) + reach):
            return None
        weights, last = weights + step, error
    return None


def track(start: Array, inputs: Sequence[Array], target: Array, bump: Array) -> Array:
    """Weights for ``target`` (k×d×d), from those of the instance that ``start`` solves, along
    K(start)·exp(t·L)·(I + t·(1 − t)·bump) with exp(L) = K(start)⁻¹·target, which stays far from
    singular matrices where a straight line does not; :class:`Lost` if it cannot be followed."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of logm about what ends as Lost
        try:
            return _track(start, inputs, target, bump)
        except (np.linalg.LinAlgError, ValueError):
            raise Lost from None


def _track(start: Array, inputs: Sequence[Array], target: Array, bump: Array) -> Array:
    from scipy.linalg import expm, logm

    at = point(start, inputs)
    first, t, step = at.met, 0.0, 0.05
    logs = [logm(np.linalg.solve(a, b)) for a, b in zip(first, target, strict=True)]
    if not all(np.isfinite(L).all() for L in logs):
        raise Lost
    one = np.eye(len(inputs[0]))
    for _ in range(STEPS):
        following = min(1.0, t + step)
        aside = following * (1 - following)
        goal = (
            target
            if aside == 0
            else np.stack(
                [
                    a @ expm(following * L) @ (one + aside * B)
                    for a, L, B in zip(first, logs, bump, strict=True)
                ]
            )
        )
        try:
            found = _corrected(at.weights + _step(at, goal - at.met), inputs, goal)
        except (Lost, np.linalg.LinAlgError):
            found = None
        if found is None:
            step /= 2
            if step < SHORTEST:
                break
            continue
        at, t, step = found, following, min(0.2, 1.6 * step)
        if t == 1.0:
            return at.weights
    raise Lost


def map_condition(W1: Array, W2: Array, problem: Problem) -> float | None:
    """The larger relative condition number of W1 and W2 as functions of X1, X2, Y1, Y2, each
    perturbed relative to its own norm, by implicit differentiation; None beyond float64.

    vec is row by row, so that vec(A·H·B) = (A ⊗ Bᵀ)·vec(H)."""
    with np.errstate(all="ignore"):
        try:
            X1, X2, Y1, Y2 = (
                m.to_numpy().astype(np.complex128)
                for m in (problem.X1, problem.X2, problem.Y1, problem.Y2)
            )
            found = _map_condition(W1, W2, (X1, X2, Y1, Y2))
        except (Lost, np.linalg.LinAlgError, ValueError, OverflowError):
            return None
    return found if np.isfinite(found) else None


def _map_condition(W1: Array, W2: Array, data: tuple[Array, ...]) -> float:
    from scipy.linalg import expm

    X1, X2, Y1, _ = data
    d, one = len(X1), np.eye(len(X1))
    at = point(W1[None], (X1, X2))
    first, second = (exp_derivative(W1 @ X).reshape(d * d, d * d) for X in (X1, X2))
    inverse, K, left = expm(-W1 @ X1), at.met[0], np.kron(W1, one)
    zero, Y1_inverse = np.zeros((d * d, d * d)), np.linalg.inv(Y1)
    changes = [
        np.kron(inverse, K.T) @ first @ left,
        -np.kron(inverse, one) @ second @ left,
        -np.kron(Y1_inverse, K.T),
        np.kron(Y1_inverse, one),
    ]
    sizes = np.repeat([float(np.linalg.norm(m)) for m in data], d * d)
    dW1 = np.linalg.solve(at.jacobian, np.hstack(changes))
    argument = np.kron(one, X1.T) @ dW1 + np.hstack([left, zero, zero, zero])
    dW2 = np.hstack([zero, zero, np.kron(one, inverse.T), zero])
    dW2 = dW2 - np.kron(W2, inverse.T) @ first @ argument
    return max(
        float(np.linalg.norm(dW * sizes, 2)) / max(float(np.linalg.norm(W)), 1e-300)
        for dW, W in ((dW1, W1), (dW2, W2))
        if W.any()
    )
