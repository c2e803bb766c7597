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

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import certificate_file as file
import check_certificate as base

BOUNDS = [file.dyadic, file.dyadic]
CLAIMS = {
    "C1": {"id": "C1", "bounds": BOUNDS},
    "C2": {"id": "C2", "radii": {"W1": file.dyadic, "W2": file.dyadic}},
}


def claim(value, where):
    id_ = value.get("id") if isinstance(value, dict) else None
    file.need(id_ in ("C1", "C2"), f"{where} has an unknown id")
    return file.fit(value, CLAIMS[id_], where)


FORM = {
    "format": "deepexp-exact/two-layers", "version": 1, "claims": [claim],
    "weights": {"W1": file.WEIGHT, "W2": file.WEIGHT},
    **{key: file.HEAD[key] for key in ("problem", "provenance", "sha256")},
    **{key: file.BODY[key] for key in ("digits", "digits_carried")},
}  # fmt: skip


def load(path):
    return file.read(path, FORM)


def claimed(table):
    """What is to be decided: words, and the function that decides, as in check_certificate.py."""
    problem, layers = table["problem"], list(table["weights"].values())

    def terms(i, p):
        """||W2 exp(W1 X) - Y|| up to a radius."""
        w1, w2, x, y = (base.fixed(t, p) for t in (*layers, problem["X" + i], problem["Y" + i]))
        value = base.product(w2, base.exponential(base.product(w1, x, p), p), p)
        size = base.norm(y[0])
        return *base.difference(value, y), size - 2 - y[1], size + y[1]

    for item in table["claims"]:
        for i, bound in zip("12", item.get("bounds", ())):
            yield (
                f"C1 for X{i}, residual at most {base.short(bound)}",
                lambda i=i, b=bound: base.bounded(
                    lambda p: terms(i, p), layers, b, 10 ** table["digits"]
                ),
            )


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
    sys.exit(max([base.check(path, load, claimed, ("C2",)) for path in sys.argv[1:]], default=2))
