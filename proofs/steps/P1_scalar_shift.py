"""P1, scalar shift.  W1 := c·D⁻¹ with D = X2 − X1 gives W1·X2 = W1·X1 + c·I.

Assumes: D invertible.  Not X1 or X2 invertible, nothing about c.
Proof:   W1·X2 − W1·X1 = c·D⁻¹·(X2 − X1) = c·D⁻¹·D = c·I.
Checked: the identity for generic X1 and D (d² + d² indeterminates) with X2 = X1 + D, which is
         every pair X1, X2; for d ≤ 3 also with generic X1, X2.  D⁻¹ is adj(D)/det(D), and both
         sides are compared after multiplication by det(D).
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("P1", str(__doc__)))
