"""Recompute f(X1), f(X2) from saved solutions with mpmath and the standard library alone.

    python tests/recompute.py CERTIFICATE...

Reads problem and weights from the JSON file, works at 4 times the digits carried, and prints one
line a file: the two relative Frobenius residuals and whether both are within 10^-digits.  Exit
status 1 if one is not.  Nothing of the package is imported.
"""

import json
import sys
from fractions import Fraction

from mpmath import mp


def fraction(text):
    """Exact value of -0x1a/0x2b or -0x1a2bp-120."""
    if "p" in text:
        mantissa, exponent = text.split("p")
        return int(mantissa, 16), 1, int(exponent)
    top, _, bottom = text.partition("/")
    value = Fraction(int(top, 16), int(bottom, 16) if bottom else 1)
    return value.numerator, value.denominator, 0


def number(pair):
    parts = []
    for text in pair:
        top, bottom, exponent = fraction(text)
        parts.append(mp.ldexp(mp.mpf(top), exponent) / bottom)
    return mp.mpc(*parts)


def matrix(rows):
    return mp.matrix([[number(pair) for pair in row] for row in rows])


def residuals(table):
    """Relative Frobenius residuals of both equations, f evaluated from its definition."""
    weights, problem = table["weights"], table["problem"]
    W1, W2, W3 = (matrix(weights[name]) for name in ("W1", "W2", "W3"))
    out = []
    for x, y in (("X1", "Y1"), ("X2", "Y2")):
        X, Y = matrix(problem[x]), matrix(problem[y])
        value = W3 * mp.expm(W2 * mp.expm(W1 * X))
        out.append(mp.mnorm(value - Y, "f") / mp.mnorm(Y, "f"))
    return out


def main(paths):
    bad = 0
    for path in paths:
        with open(path, encoding="utf-8") as stream:
            table = json.load(stream)
        with mp.workdps(4 * table["digits_carried"]):
            found = residuals(table)
            good = max(found) <= mp.mpf(10) ** -table["digits"]
            print(path, *(mp.nstr(r, 3) for r in found), "ok" if good else "NOT WITHIN", flush=True)
        bad += not good
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
