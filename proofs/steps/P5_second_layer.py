"""P5, second layer.  Z := L/(α − 1) and W2 := Z·A⁻¹ give W2·exp(W1·X1) = Z, W2·exp(W1·X2) = α·Z.

Assumes: α ≠ 1; A invertible (P3), exp(W1·X2) = α·A (P2).
Proof:   W2·A = Z·A⁻¹·A = Z and W2·(α·A) = α·Z.
Checked: both identities and (α − 1)·Z = L for generic L and A and a symbolic α.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("P5", str(__doc__)))
