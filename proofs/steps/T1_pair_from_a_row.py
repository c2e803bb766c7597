"""T1, pair from a row.  W1 := z·ℓ of rank one gives W2·exp(W1·X1) = A + a·I and
W2·exp(W1·X2) = A + w·p + a·I in each of its four cases.

Assumes: r·z ≠ 0 where the exponential is used; in case 4 e^(r1·z) = 1 and e^(r2·z) = 1 + r2·v.
Checked: exp(z·r) = I + ((e^s − 1)/s)·z·r with s = r·z by its differential equation, and the
         products of the four cases, all entries generic.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("T1", str(__doc__)))
