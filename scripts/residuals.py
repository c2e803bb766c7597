#!/usr/bin/env python3
"""Bounds of the residuals of stored weights, by python-flint's ``acb_mat.exp`` and nothing else.

    python scripts/residuals.py [--mpmath] CERTIFICATE...

Reads problem, digits and weights from the JSON file and evaluates f(X) = W3·exp(W2·exp(W1·X)) from
its definition in ball arithmetic (Johansson, Arb, 2017), with more bits until both relative
Frobenius residuals ‖f(Xi) − Yi‖/‖Yi‖ are decided against 10^−digits.  One line a file; ``--mpmath``
adds the residuals as plain mpmath finds them at a higher precision.  Exit status 0 if all are
within, 1 otherwise.  Nothing of the package is imported: this is a second opinion on it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from flint import acb, acb_mat, arb, ctx, fmpq

#: Working bits beyond which a residual stays undecided.
MAX_BITS = 400_000
#: Frobenius norm from which an exponential is taken in a basis of approximate eigenvectors.
LARGE = 2**20


def exact_parts(text: str) -> tuple[int, int, int]:
    """(n, m, e) with value n/m·2^e of ``-0x1a/0x2b`` or ``-0x1a2bp-120``."""
    if "p" in text:
        mantissa, exponent = text.split("p")
        return int(mantissa, 16), 1, int(exponent)
    top, _, bottom = text.partition("/")
    return int(top, 16), int(bottom, 16) if bottom else 1, 0


def ball(text: str) -> Any:
    """The number of a text as an ``arb`` at the current precision (dyadic ones are exact)."""
    top, bottom, exponent = exact_parts(text)
    return arb((top, exponent)) if bottom == 1 else arb(fmpq(top, bottom))


def matrix(rows: Sequence[Sequence[Sequence[str]]]) -> Any:
    return acb_mat([[acb(ball(re), ball(im)) for re, im in row] for row in rows])


def longest(weights: dict[str, Any]) -> int:
    """The longest mantissa of the weights, in bits."""
    texts = (t for rows in weights.values() for row in rows for pair in row for t in pair)
    return max(exact_parts(text)[0].bit_length() for text in texts)


def norm(M: Any) -> Any:
    """A ball around the Frobenius norm, of no bits where M may be zero (and it may be exactly)."""
    total = arb(0)
    for z in M.entries():
        total += z.real * z.real + z.imag * z.imag
    return total.sqrt() if total > 0 else arb(0).union(total.upper().sqrt())


def exp(M: Any) -> Any:
    """exp of an enclosure.  Of an M so large that squarings would leave no bit it is taken as
    V·exp(V⁻¹·M·V)·V⁻¹ with approximate eigenvectors V, of M or, where M is as good as defective, of
    a matrix near it (Davies, SIAM J. Matrix Anal. 29, 2007): a choice of basis, which needs no
    proof."""
    size = norm(M)
    if size > LARGE:
        d, small = M.nrows(), size.mid() * arb(2) ** (-ctx.prec // 4)
        near = acb_mat(d, d, [small * ((7 * k * k + 3 * k + 1) % 11) for k in range(d * d)])
        for basis in (M, M + near):
            found = in_eigenvectors(M, basis.mid())
            if spread(found) < norm(found) * arb(2) ** (-ctx.prec // 8):
                return found
        if size > arb(2) ** (ctx.prec // 4):
            return M * acb("nan")
    return M.exp()


def in_eigenvectors(M: Any, near: Any) -> Any:
    """exp(M) by way of approximate eigenvectors of ``near``; NaN where they do not make M small."""
    try:
        V = near.eig(right=True, algorithm="approx")[1].mid()
        inverse = V.inv()
    except (ValueError, ZeroDivisionError):
        return M * acb("nan")
    small = inverse * M * V
    return V * small.exp() * inverse if norm(small) < LARGE else M * acb("nan")


def spread(M: Any) -> Any:
    """The largest radius of an entry's parts."""
    radii = [part.rad() for z in M.entries() for part in (z.real, z.imag)]
    return max(radii) if all(r.is_finite() for r in radii) else arb("inf")


def enclosures(table: dict[str, Any], bits: int) -> list[Any]:
    """An ``arb`` around each relative residual at ``bits`` bits; NaN where nothing is known.
    Where Yi = 0 it is the absolute residual ‖f(Xi)‖."""
    out = []
    with ctx.workprec(bits):
        W1, W2, W3 = (matrix(table["weights"][name]) for name in ("W1", "W2", "W3"))
        for x, y in (("X1", "Y1"), ("X2", "Y2")):
            X, Y = matrix(table["problem"][x]), matrix(table["problem"][y])
            difference = norm(W3 * exp(W2 * exp(W1 * X)) - Y)
            size = norm(Y)
            out.append(difference if size == 0 else difference / size)
    return out


def bounds(
    table: dict[str, Any], limits: Sequence[Sequence[Any]] | None = None
) -> list[tuple[Any, Any]]:
    """(lower, upper) of both relative residuals, decided against every one of its ``limits`` (exact
    ``arb``, 10^−digits by default) as far as MAX_BITS bits allow."""
    limits = limits or [[arb(10) ** -int(table["digits"])]] * 2
    bits = longest(table["weights"]) + 64
    while True:
        found = enclosures(table, bits)
        with ctx.workprec(64):
            pairs = [
                (v.lower() if v.is_finite() else arb(0), v.upper() if v.is_finite() else arb("inf"))
                for v in found
            ]
            if all(
                hi <= limit or lo > limit
                for (lo, hi), own in zip(pairs, limits, strict=True)
                for limit in own
            ):
                return pairs
        if bits >= MAX_BITS:
            return pairs
        bits = min(2 * bits, MAX_BITS)


def by_mpmath(table: dict[str, Any]) -> list[Any]:
    """The residuals by plain mpmath at four times the length of the weights (no bounds)."""
    from mpmath import mp

    def number(pair: Sequence[str]) -> Any:
        parts = []
        for text in pair:
            top, bottom, exponent = exact_parts(text)
            parts.append(mp.ldexp(mp.mpf(top), exponent) / bottom)
        return mp.mpc(*parts)

    def read(rows: Any) -> Any:
        return mp.matrix([[number(pair) for pair in row] for row in rows])

    out = []
    with mp.workprec(4 * longest(table["weights"]) + 64):
        W1, W2, W3 = (read(table["weights"][name]) for name in ("W1", "W2", "W3"))
        for x, y in (("X1", "Y1"), ("X2", "Y2")):
            X, Y = read(table["problem"][x]), read(table["problem"][y])
            value = W3 * mp.expm(W2 * mp.expm(W1 * X))
            size = mp.mnorm(Y, "f")
            out.append(mp.mnorm(value - Y, "f") / (size or 1))
    return out


def log10_text(value: Any) -> str:
    """An ``arb`` or ``mpf`` magnitude as 10^x; exactly zero is 0."""
    if value == 0:
        return "0"
    size = value if isinstance(value, arb) else arb(tuple(int(v) for v in value.man_exp))
    with ctx.workprec(64):
        return f"10^{float((size.log() / arb(10).log()).mid()):.2f}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="+", metavar="CERTIFICATE")
    parser.add_argument("--mpmath", action="store_true", help="mpmath's residuals too")
    options = parser.parse_args(arguments)
    bad = False
    for path in options.files:
        with open(path, encoding="utf-8") as stream:
            table = json.load(stream)
        pairs = bounds(table)
        limit = arb(10) ** -int(table["digits"])
        within = all(hi <= limit for _, hi in pairs)
        outside = any(lo > limit for lo, _ in pairs)
        words = "within" if within else ("NOT WITHIN" if outside else "undecided")
        line = [path, *(log10_text(hi) for _, hi in pairs), words]
        if options.mpmath:
            line += ["mpmath", *(log10_text(v) for v in by_mpmath(table))]
        print(*line, flush=True)
        bad |= not within
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
