#!/usr/bin/env python3
"""Check claim C1 of a deepexp-exact/two-layers certificate with nothing but Python's integers.

    python check_two_layers.py FILE...      (also correct under python -O)

C1 says, for i = 1 and 2, about the matrices W1, W2 and Xi, Yi stored in the file:
    ||W2 exp(W1 Xi) - Yi||_F  <=  b_i ||Yi||_F,      b_i <= 10**-digits.
The reader, the arithmetic with its error bounds and the limits are those of check_certificate.py
beside this file; the definition of the network is here.  C2 is not checked, and it says so.
Exit status as there: 0 C1 holds in every file, 1 it does not or stayed undecided, 2 malformed.
"""
# ruff: noqa: B905

import sys
from operator import sub

import check_certificate as base

BOUNDS = [base.dyadic, base.dyadic]
CLAIMS = {
    "C1": {"id": "C1", "bounds": BOUNDS},
    "C2": {"id": "C2", "radii": {"W1": base.dyadic, "W2": base.dyadic}},
}


def claim(value, where):
    id_ = value.get("id") if isinstance(value, dict) else None
    base.need(id_ in ("C1", "C2"), f"{where} has an unknown id")
    return base.fit(value, CLAIMS[id_], where)


FORM = {key: base.CERTIFICATE[key] for key in ("problem", "digits", "digits_carried")} | {
    "format": "deepexp-exact/two-layers", "version": 1, "claims": [claim],
    "weights": {"W1": base.WEIGHT, "W2": base.WEIGHT},
    "provenance": base.CERTIFICATE["provenance"], "sha256": base.text,
}  # fmt: skip


def load(path):
    return base.read(path, FORM)


def residual(x, y, layers, p):
    """||W2 exp(W1 X) - Y|| up to a radius, as in check_certificate.py."""
    w1, w2, x, y = (base.fixed(table, p) for table in (*layers, x, y))
    value = base.product(w2, base.exponential(base.product(w1, x, p), p), p)
    difference = [list(map(sub, *rows)) for rows in zip(value[0], y[0])]
    size = base.norm(y[0])
    return base.norm(difference), value[1] + y[1], size - 2 - y[1], size + y[1]


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
    sys.exit(max([base.check(path, load, residual, ("C2",)) for path in sys.argv[1:]], default=2))
