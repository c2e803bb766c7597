"""N1, equal column spaces.  f(X1) = Y1 and f(X2) = Y2 force Y1 and Y2 to have one column space.

Assumes: that W1, W2, W3 exist; nothing about their form.
Proof:   Yi = W3·Ei with Ei = exp(W2·exp(W1·Xi)) invertible (P3), so Y2 = Y1·(E1⁻¹·E2) and
         Y1 = Y2·(E2⁻¹·E1).
Checked: both identities for generic W3, E1, E2; exp(−J)·exp(J) = I for every Jordan type.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("N1", str(__doc__)))
