"""Residuals of stored weights from their distances to the exact ones, without an exponential.

With W̃j = Wj + Ej, Wj the exact weights of a record, f̃(Xi) − Yi is carried through the two layers
in the eigenvectors of W1·X1 and of K (:class:`Decomposition`): first-order terms in balls of a few
words, as the Ej are known to a few bits only, and a proved bound of everything beyond.  The bound
is that of a direct evaluation of f to within the guard bits, at a small part of its cost: about
twenty products of low precision instead of four exponentials.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flint import acb, acb_mat, arb, ctx

from ....precision import MoreBits
from ....problems import Problem
from ..functions import enclosures as en
from ..functions.eigen import EnclosedEigenvectors
from ..network.construction import Enclosures
from .claims import ResidualBounds, relative

#: Bits of the balls of the first-order terms beyond the condition of the eigenvectors.
LOW_BITS = 64


def rounded(matrix: Any) -> Any:
    """The enclosure rounded outwards to the current precision."""
    return matrix * 1


@dataclass(frozen=True)
class PerturbedLayers:
    """Both layers of exact weights in their eigenvectors, in balls of ``bits`` bits.

    W1·X1 = P·diag(m)·P⁻¹ (``inner``) and Z = Q·diag(z)·Q⁻¹ (``outer``), enclosures of one and the
    same P and Q throughout."""

    problem: Problem
    found: Enclosures
    inner: EnclosedEigenvectors
    outer: EnclosedEigenvectors
    bits: int

    @cached_property
    def z(self) -> list[Any]:
        with ctx.workprec(self.bits):
            return [value / (self.found.alpha - 1) for value in self.found.log.values]

    @cached_property
    def m(self) -> list[Any]:
        with ctx.workprec(self.bits):
            return [+value for value in self.inner.values]

    @cached_property
    def factors(self) -> tuple[Any, Any]:
        """(1, α)."""
        with ctx.workprec(self.bits):
            return acb(1), +self.found.alpha

    @cached_property
    def exp_m(self) -> list[Any]:
        with ctx.workprec(self.bits):
            return [value.exp() for value in self.m]

    def outer_exponential(self, factor: Any) -> Any:
        """exp(factor·Z) at the current precision."""
        return self.outer.function([(factor * z).exp() for z in self.z])


def layers(problem: Problem, found: Enclosures) -> PerturbedLayers | None:
    """The layers of exact weights, if both were diagonalised."""
    inner, outer = found.inner, found.log.decomposition
    if inner is None or outer is None:
        return None
    loss = sum(en.log2_of(en.norm_upper(x)) for y in (inner, outer) for x in (y.R, y.S))
    if not loss < ctx.prec:
        return None
    bits = min(ctx.prec, LOW_BITS + math.ceil(loss))
    with ctx.workprec(bits):
        low = [EnclosedEigenvectors(y.values, rounded(y.R), rounded(y.S)) for y in (inner, outer)]
    return PerturbedLayers(problem, found, low[0], low[1], bits)


def divided_exponentials(nodes: list[Any], images: list[Any]) -> list[Any]:
    """The d² entries exp[x_i, x_j] = ∫₀¹ exp(x_i + s(x_j − x_i)) ds, row by row.

    For δ = x_j − x_i with |δ| ≤ 2⁻⁸ it is exp(x_i)·(1 + δ/2 + δ²/6 + ρ), |ρ| ≤ |δ|³·e^|δ|/24."""
    d = len(nodes)
    out = [images[i // d] for i in range(d * d)]
    near = arb(2) ** -8
    for i in range(d):
        for j in range(i):
            step = nodes[j] - nodes[i]
            if step.abs_lower() > near:
                value = (images[j] - images[i]) / step
            else:
                reach = step.abs_upper()
                rest = arb(0, (reach**3 * reach.exp() / 24).upper())
                value = images[i] * (1 + step / 2 + step * step / 6 + acb(rest, rest))
            out[i * d + j] = out[j * d + i] = value
    return out


def perturbed_exponential(table: list[Any], images: list[Any], change: Any) -> Any:
    """exp(diag(x) + Φ) − exp(diag(x)) for every Φ in the ball matrix ``change``.

    First order: exp[x_i, x_j]·Φ_ij (Daletskii & Krein).  As |exp(s·diag(x))|₂ = exp(s·max Re x),
    the terms of order k ≥ 2 of the Dyson series add up to at most
    exp(max Re x)·(e^φ − 1 − φ) ≤ exp(max Re x)·φ²·e^φ/2 in norm, φ = ‖Φ‖_F."""
    d = change.nrows()
    first = acb_mat(d, d, [a * b for a, b in zip(table, change.entries(), strict=True)])
    phi = en.norm_upper(change)
    if not phi < 1:
        raise MoreBits("the weights are too coarse for a perturbation bound")
    with ctx.workprec(en.NORM_BITS):
        top = max(value.abs_upper() for value in images)
        rest = (top * phi * phi * phi.exp() / 2).upper()
    return en.widened(first, rest)


def evaluate_near(near: PerturbedLayers, weights: tuple[Any, Any, Any]) -> ResidualBounds:
    """The relative residuals of exact weights close to those of the record (claim C1).

    With Φi = P⁻¹·E1·Xi·P, Gi = exp(m + c_i + Φi) − exp(m + c_i) and Hi likewise for αi·z + Ψi
    (c_1 = 0, c_2 = c, α1 = 1, α2 = α; X1·P = D·P·diag(m)/c, so Φi = P⁻¹·E1·D·P·diag(m + c_i)/c),

        Ψi = Q⁻¹·(W̃2·exp(W̃1·Xi) − αi·Z)·Q
           = [C·(αi·e^m + Gi) + diag(z)·Q⁻¹P·diag(e^−m)·Gi]·P⁻¹Q,   C = Q⁻¹·E2·P,
        f̃(Xi) − Yi = [E3·Q·(e^(αi·z) + Hi) + Y1·Q·diag(e^−z)·Hi]·Q⁻¹,
        exp(W̃1·X2) − α·exp(W̃1·X1) = P·(G2 − α·G1)·P⁻¹.

    :class:`MoreBits` where an enclosure is not finite or a change is not small."""
    problem, found = near.problem, near.found
    changes = [w - exact for w, exact in zip(weights, found.weights, strict=True)]
    with ctx.workprec(near.bits):
        E1, E2, E3 = (rounded(change) for change in changes)
        D, Y = en.from_exact(problem.D), (problem.Y1, problem.Y2)
        P, P_inverse, Q, Q_inverse = near.inner.R, near.inner.S, near.outer.R, near.outer.S
        base = P_inverse * (E1 * (D * P))
        C = Q_inverse * (E2 * P)
        mixed, back = P_inverse * Q, Q_inverse * P
        fixed = _scaled(near.z, back, [1 / value for value in near.exp_m])
        third = E3 * Q
        fourth = en.scale_columns(en.from_exact(problem.Y1) * Q, [(-z).exp() for z in near.z])
        table = divided_exponentials(near.m, near.exp_m)
        upper, lower, moves, changed = [], [], [], []
        for factor, shift, target in zip(near.factors, (acb(0), found.scale), Y, strict=True):
            images = [value * factor for value in near.exp_m]
            phi = en.scale_columns(base, [(m + shift) / found.scale for m in near.m])
            G = perturbed_exponential([t * factor for t in table], images, phi)
            changed.append(G)
            psi = (en.scale_columns(C, images) + (C + fixed) * G) * mixed
            moves.append(psi)
            nodes = [z * factor for z in near.z]
            outer = [value.exp() for value in nodes]
            H = perturbed_exponential(divided_exponentials(nodes, outer), outer, psi)
            change = (en.scale_columns(third, outer) + (third + fourth) * H) * Q_inverse
            top, bottom = relative(en.require_finite(change, "f(X) − Y"), en.from_exact(target))
            upper.append(top)
            lower.append(bottom)
        moved = Q * moves[0] * Q_inverse
        alpha = near.factors[1]
        A = (en.scale_columns(P, near.exp_m) + P * changed[0]) * P_inverse * alpha
        layer, _ = relative(P * (changed[1] - changed[0] * alpha) * P_inverse, A)
    return ResidualBounds((upper[0], upper[1]), (lower[0], lower[1]), found.Z + moved, layer)


def _scaled(left: list[Any], matrix: Any, right: list[Any]) -> Any:
    """diag(left)·matrix·diag(right)."""
    d = len(left)
    return acb_mat(d, d, [left[k // d] * z * right[k % d] for k, z in enumerate(matrix.entries())])
